// Reads a JSON list of SSML documents and writes, for each, what ssml-check-core finds wrong with it (null: nothing).
const ssmlCheck = require('ssml-check-core');

async function main() {
  const chunks = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  const documents = JSON.parse(Buffer.concat(chunks));
  const found = [];
  // Its locale decides which voices and emotions exist; without one it refuses some that do.
  for (const ssml of documents) found.push((await ssmlCheck.check(ssml, {platform: 'amazon', locale: 'en-US'})) ?? null);
  process.stdout.write(JSON.stringify(found));
}

main();
