// Makes kernel.wasm of kernel.wat: node kernel.mjs FOLDER, where FOLDER's node_modules have wabt (tests/browser's do after npm ci).
// With --check it compares instead, and fails where the two differ.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

const [folder, check] = process.argv.slice(2);
const wabt = await createRequire(resolve(folder, 'package.json'))('wabt')();
const [source, target] = ['kernel.wat', 'kernel.wasm'].map(name => new URL(name, import.meta.url));
const module = wabt.parseWat('kernel.wat', readFileSync(source, 'utf8'), { simd: true, multi_value: true, sat_float_to_int: true });
module.resolveNames();
module.validate();
const bytes = Buffer.from(module.toBinary({}).buffer);
if (check !== '--check')
    writeFileSync(target, bytes);
else if (!bytes.equals(readFileSync(target)))
    throw new Error('kernel.wasm is not what kernel.wat says: make it anew with node kernel.mjs.');
console.log(`${bytes.length} bytes`);
