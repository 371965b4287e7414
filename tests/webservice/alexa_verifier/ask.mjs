// Asks alexa-verifier about each request on standard input (JSON lines: url, signature, and the body in base64) and
// prints one line of JSON each: {"refused": text} or {}.
//
// Arguments: the folder with node_modules, and the loopback port that stands for s3.amazonaws.com. Whatever a URL's host
// is, the connection goes there; the name it is verified for stays the URL's own.
import https from 'node:https'
import net from 'node:net'
import readline from 'node:readline'
import tls from 'node:tls'
import { pathToFileURL } from 'node:url'
import path from 'node:path'

const [modules, port] = process.argv.slice(2)

class Loopback extends https.Agent {
  createConnection (options, connected) {
    const plain = net.connect(Number(port), '127.0.0.1')
    return tls.connect({ socket: plain, servername: options.host || options.hostname, ALPNProtocols: ['http/1.1'] }, connected)
  }
}

const get = https.get
https.get = (url, answered) => get(url, { agent: new Loopback() }, answered)

const entry = path.join(modules, 'node_modules', 'alexa-verifier', 'index.js')
const { default: verify } = await import(pathToFileURL(entry))

for await (const line of readline.createInterface({ input: process.stdin })) {
  const { url, signature, body } = JSON.parse(line)
  let answer = {}
  try {
    // Bodies reach it as text, as its README has it.
    await verify(url, signature, Buffer.from(body, 'base64').toString('utf8'))
  } catch (error) {
    answer = { refused: String(error && error.message ? error.message : error) }
  }
  console.log(JSON.stringify(answer))
}
process.exit(0)
