// Holds one conversation with the skill through virtual-alexa, which finds intents and slots in the interaction model
// by itself. Reads {"turns": [{"say": "…" | "launch": true, "after": seconds}]} from standard input and prints one line
// of JSON for each turn: the request that was sent, and the answer.
//
// Arguments: the folder with the packages, the interaction model, the address of the skill.
const fs = require('node:fs')
const path = require('node:path')

const [modules, model, url] = process.argv.slice(2)
const { VirtualAlexa } = require(path.join(modules, 'virtual-alexa'))
const { turns } = JSON.parse(fs.readFileSync(0, 'utf8'))

async function main () {
  const alexa = VirtualAlexa.Builder().skillURL(url).interactionModelFile(model).create()
  let now = Date.parse('2026-03-01T10:00:00Z')
  let sent
  alexa.filter((request) => {
    request.request.timestamp = new Date(now).toISOString()
    sent = request
  })
  for (const turn of turns) {
    now += (turn.after || 0) * 1000
    const answer = await (turn.launch ? alexa.launch() : alexa.utter(turn.say))
    console.log(JSON.stringify({ sent, answer }))
  }
}

main().catch((error) => {
  console.error(error.stack || error)
  process.exit(1)
})
