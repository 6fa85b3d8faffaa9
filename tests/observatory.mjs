// Asks MDN's HTTP Observatory, its own code, what it thinks of a site on this machine.
//   node observatory.mjs HTTP_PORT HTTPS_PORT
// It reads two lists that its installer fetches from the network: domains that browsers know to be
// encrypted, and top-level domains. Ours is on neither, so here both are empty.
import fs from "node:fs";
const read = fs.readFileSync;
const LISTS = {"hsts-preload.json": "{}", "tld-list.json": "[]"};
fs.readFileSync = (path, ...more) => LISTS[String(path).split("/").pop()] ?? read(path, ...more);

const from = name => import(`@mdn/mdn-http-observatory/src/${name}.js`);
const {retrieve} = await from("retriever/retriever");
const {ALL_TESTS} = await from("constants");
const {getGradeForScore, getScoreModifier} = await from("grader/grader");
const {MINIMUM_SCORE_FOR_EXTRA_CREDIT} = await from("grader/charts");

const [httpPort, httpsPort] = process.argv.slice(2);
const requests = await retrieve("localhost", {httpPort, httpsPort});
const tests = Object.fromEntries(ALL_TESTS.map(test => {
  const {result, pass} = test(requests);
  return [test.name, {result, pass, points: getScoreModifier(result)}];
}));
// As its scan() adds them up.
const points = Object.values(tests).map(test => test.points);
const least = points.filter(p => p < 0).reduce((a, b) => a + b, 100);
const all = points.reduce((a, b) => a + b, 100);
const score = least >= MINIMUM_SCORE_FOR_EXTRA_CREDIT ? all : least;
console.log(JSON.stringify({...getGradeForScore(score), tests}));
