// What a person does with a page that holds a model, opened from its file in a real Chromium: export.mjs SCENARIO PAGE SCREENSHOTS [JSON].
// Exits with 0 if all is as expected.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { address, given, newPage, play, screenshots } from './chromium.mjs';

async function open(hash = '', { before, file = address, ...options } = {}) {
    const page = await newPage(url => url.split('#')[0] === file || /^data:/.test(url), { offline: true, ...options });
    if (before)
        await page.addInitScript(before);
    await page.goto(file + hash);
    await page.waitForSelector('main h1:visible');
    return page;
}

const shoot = (page, name) => page.screenshot({ path: `${screenshots}/export-${name}.png`, fullPage: true });
const shown = async page => (await page.textContent('#play .tokens[role=group]')).replaceAll('↵', '');
const until = (page, text) => page.waitForFunction(expected => document.querySelector('#play .tokens[role=group]').textContent.replaceAll('↵', '') === expected, text);
const isWritten = page => page.waitForFunction(() => document.querySelector('#play .busy').hidden && document.querySelector('[data-token="5"]'));

const scenarios = {
    // An address writes the text that the library writes; a branch is in the address.
    async play() {
        const page = await open(given.hash);
        await until(page, given.text);
        await page.click('[data-page=read]');
        await page.click('[data-page=play]');
        await until(page, given.text);
        await page.hover('#play [data-token="5"]');
        await page.waitForSelector('#play .here button.glyph');
        assert.match(await page.textContent('#play .here'), /bits/);
        await page.hover('#play [data-token="6"]');
        await page.waitForSelector('#play [data-token="6"].chosen');
        // A click holds the token while the pointer goes on.
        await page.click('#play [data-token="5"]');
        await page.hover('#play [data-token="7"]');
        await page.waitForSelector('#play [data-token="5"].chosen');
        await shoot(page, 'play');
        await page.click('#play .here button.glyph >> nth=0');
        await page.waitForFunction(() => /path=5\.\d+/.test(location.hash));
        await page.waitForSelector('#play .fork');
        await isWritten(page);
        const branch = await shown(page);
        assert.notEqual(branch, given.text);
        assert.equal(branch.slice(0, 5), given.text.slice(0, 5));
        assert.equal(branch.length, given.text.length);
        await shoot(page, 'branch');
        // Whoever is given the address sees the same, and the keyboard does it, too.
        const again = await open(new URL(page.url()).hash);
        await until(again, branch);
        await page.goBack();
        await until(page, given.text);
        await page.goForward();
        await until(page, branch);
        await page.click('.tree button >> nth=0');
        await until(page, given.text);
        await page.focus('#play .tokens[role=group]');
        await page.keyboard.press('ArrowRight');
        await page.keyboard.press('ArrowRight');
        await page.waitForSelector('#play [data-token="1"].chosen');
        await page.keyboard.press('Tab');
        await page.keyboard.press('Enter');
        await page.waitForFunction(() => /path=1\.\d+/.test(location.hash));
        await isWritten(page);
        // Another seed, another text; at reading speed it comes little by little, and can be stopped.
        await page.uncheck('[name=once]');
        await page.fill('[name=length]', '1000');
        await page.click('#another');
        await page.waitForFunction(() => /seed=2/.test(location.hash) && document.querySelectorAll('#play [data-token]').length > 3);
        await page.click('#stop');
        await page.waitForFunction(() => document.querySelector('#stop').hidden);
        assert.ok((await shown(page)).length < 900);
        // Who leaves the model the likeliest token alone reads one text, whatever the seed. What a form no longer says is as usual.
        await page.check('[name=once]');
        for (const [name, value] of Object.entries({ length: '70', topk: '', topp: '0.001', minp: '' }))
            await page.fill(`[name=${name}]`, value);
        await page.click('#play button.main');
        await until(page, given.likeliest);
        assert.match(page.url(), /#prefix=It\+was&length=70&temperature=1\.2&topp=0\.001&seed=2&pace=once$/);
        const other = await open('#prefix=It+was&length=70&temperature=1.2&minp=1&seed=9&pace=once');
        await until(other, given.likeliest);
        await other.fill('[name=minp]', '0');
        await other.click('#play button.main');
        await other.waitForFunction(likeliest => {
            const text = document.querySelector('#play .tokens[role=group]').textContent.replaceAll('↵', '');
            return text.length === likeliest.length && text !== likeliest;
        }, given.likeliest);
        // What the model does not know is said.
        await page.fill('[name=prefix]', 'It ☃ was');
        await page.click('#play button.main');
        await page.waitForSelector('#play .mistake:has-text("☃")');
    },

    async read() {
        const page = await open('#read');
        await page.click('#read button.main');
        await page.waitForSelector('#read .mistake:visible');
        await page.fill('#read textarea', given.text);
        await page.click('#read button.main');
        await page.waitForSelector('#read .line');
        assert.ok((await page.textContent('table.facts')).includes(given.bits), `${given.bits} in ${await page.textContent('table.facts')}`);
        await page.hover('#read [data-token="3"]');
        await page.waitForSelector('#read .here meter');
        assert.equal(await page.locator('#read .here button').count(), 0);
        await shoot(page, 'read');
        await page.check('#worst');
        await page.waitForFunction(first => document.querySelector('#read .line .number').textContent.startsWith(`${first}:`), given.worst);
        await page.setInputFiles('#read [type=file]', { name: 'odd.txt', mimeType: 'text/plain', buffer: Buffer.from([0x41, 0xFF]) });
        await page.waitForSelector('#read .mistake:has-text("UTF-8")');
        await page.setInputFiles('#read [type=file]', { name: 'text.txt', mimeType: 'text/plain', buffer: Buffer.from('from a file') });
        await page.waitForFunction(() => document.querySelector('#read textarea').value === 'from a file');
        await page.click('#example');
        await page.waitForFunction(() => document.querySelectorAll('#read [data-token]').length > 500);
    },

    // A browser without WebAssembly writes and reads the same.
    async plain() {
        const page = await open(given.hash, { before: () => delete window.WebAssembly });
        await until(page, given.text);
        assert.ok(await page.evaluate(() => window.unroll.model.kernel.isPlain));
        assert.match(await page.textContent('#about'), /WebAssembly/);
        const simd = await open(given.hash);
        const score = text => window.unroll.score(text).logProbabilities;
        assert.deepEqual(await page.evaluate(score, given.text), await simd.evaluate(score, given.text));
    },

    // Long texts by several models, token by token, as the library has them.
    async score() {
        for (const { file, text, expected } of given.models) {
            const page = await open('#read', { file });
            const said = await page.evaluate(text => window.unroll.score(text).logProbabilities, readFileSync(text, 'utf8'));
            const wanted = JSON.parse(readFileSync(expected, 'utf8'));
            assert.equal(said.length, wanted.length);
            const worst = Math.max(...wanted.map((value, i) => i === 0 ? 0 : Math.abs(value - said[i])));
            assert.ok(worst > 0 && worst < 1e-3, `${file}: ${worst}`);
            await page.context().close();
        }
    },

    // Nothing serious for those who do not see, or use no pointer: both halves, light and dark, on a phone, in both languages.
    async access() {
        const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core'), 'utf8');
        const faults = [];
        for (const colorScheme of ['light', 'dark'])
            for (const locale of ['en-US', 'zh-CN'])
                for (const hash of ['#length=40&pace=once&path=5.3', '#read']) {
                    const page = await open(hash, { colorScheme, locale, bypassCSP: true, viewport: locale === 'zh-CN' ? { width: 390, height: 844 } : { width: 1200, height: 900 } });
                    if (hash === '#read') {
                        await page.fill('#read textarea', given.text);
                        await page.click('#read button.main');
                    }
                    await page.click('[data-token="20"]:visible');
                    await page.waitForFunction(() => document.querySelector('#play .busy').hidden);
                    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth + 1), `${hash} is wider than a ${locale} screen`);
                    assert.equal(await page.getAttribute('html', 'lang'), locale === 'zh-CN' ? 'zh-CN' : 'en');
                    await page.evaluate(axe);
                    const found = await page.evaluate(() => window.axe.run());
                    for (const violation of found.violations.filter(v => ['serious', 'critical'].includes(v.impact)))
                        faults.push(`${hash} ${colorScheme} ${locale}: ${violation.id}: ${violation.help}: ${violation.nodes.slice(0, 3).map(node => node.html).join(' | ')}`);
                    await shoot(page, `access-${hash === '#read' ? 'read' : 'play'}-${colorScheme}-${locale}`);
                    await page.context().close();
                }
        assert.deepEqual(faults, []);
    },

    // The language and the colours change at once.
    async look() {
        const page = await open('#length=40&pace=once');
        await page.click('#language');
        await page.waitForSelector('h1:has-text("让模型写作"):visible');
        assert.match(await page.textContent('#about'), /个单元/);
        await page.click('#theme');
        await page.waitForSelector('html[data-theme=dark]');
        await page.click('#theme');
        await page.waitForSelector('html[data-theme=light]');
        await page.click('[data-page=read]');
        await page.waitForSelector('h1:has-text("让模型阅读"):visible');
        // What was stopped is begun again, though the address stays as it is.
        const usual = await open();
        await usual.click('#stop');
        await usual.click('#play button.main');
        await usual.waitForSelector('#stop:visible');
        // Who walks by keyboard can skip what stands above.
        await page.keyboard.press('Home');
        await page.focus('.skip');
        await page.keyboard.press('Enter');
        assert.equal(await page.evaluate(() => document.activeElement.id), 'content');
    },
};

await play(scenarios, 'export-');
