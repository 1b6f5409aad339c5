// Judges an AsyncAPI document: writes what its own parser finds wrong with it, and how many messages it has.
import { createRequire } from 'node:module';

const { Parser, fromFile } = createRequire(`${process.argv[2]}/`)('@asyncapi/parser');
const { document, diagnostics } = await fromFile(new Parser(), process.argv[3]).parse();
const wrong = diagnostics.filter((one) => one.severity <= 1).map((one) => `${one.path.join('.')}: ${one.message}`);
console.log(JSON.stringify({ wrong, messages: document ? document.messages().length : 0 }));
