// Opens pages in Chromium and prints a row of the table for each: measure.mjs FOLDER NAME…, with what run.sh has made of each name.
import { readFileSync, existsSync } from 'node:fs';
import { createRequire } from 'node:module';

const { chromium } = createRequire(new URL('../../tests/browser/package.json', import.meta.url))('playwright-core');
const [folder, ...names] = process.argv.slice(2);
const executablePath = process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
const read = name => JSON.parse(readFileSync(`${folder}/${name}.json`, 'utf8'));

async function open(file, plain) {
    const page = await (await browser.newContext({ offline: true })).newPage();
    if (plain)
        await page.addInitScript(() => delete window.WebAssembly);
    await page.goto(`file://${file}#read`);
    return page;
}

// The best of three: the machine is shared.
const speed = (page, length) => page.evaluate(length => {
    window.unroll.write('', { length: 500, temperature: 0.8 });
    return Math.max(...[1, 2, 3].map(seed => {
        const start = performance.now();
        window.unroll.write('', { length, temperature: 0.8, seed });
        return 1000 * length / (performance.now() - start);
    }));
}, length);

console.log('| model | bits | page | loss | of the page | largest difference | characters a second | without WebAssembly |');
console.log('|---|---:|---:|---:|---:|---:|---:|---:|');
for (const name of names)
    for (const bits of [16, 8]) {
        const { bytes, networks, leftOut, check } = read(`${name}-${bits}`).html, file = `${folder}/${name}-${bits}.html`;
        const page = await open(file), text = readFileSync(`${folder}/${name}.txt`, 'utf8');
        const said = await page.evaluate(text => window.unroll.score(text).logProbabilities, text);
        const wanted = read(name).tokens.map(token => -token.bits * Math.LN2);
        const worst = Math.max(...wanted.map((value, i) => i === 0 ? 0 : Math.abs(value - said[i])));
        const [fast, slow] = [await speed(page, 5000), await speed(await open(file, true), 1000)];
        const left = leftOut.memoryTokens > 0 ? ', without the memory' : '';
        console.log(`| ${name}${networks > 1 ? `, ${networks} networks` : ''}${left} | ${bits} | ${(bytes / 1e6).toFixed(2)} MB | ${check.loss.toFixed(4)} | ${check.pageLoss.toFixed(4)} | ${worst.toFixed(5)} | ${Math.round(fast).toLocaleString('en-US')} | ${Math.round(slow).toLocaleString('en-US')} |`);
    }
await browser.close();
