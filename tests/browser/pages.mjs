// What a person does on the pages, in a real Chromium: pages.mjs SCENARIO ADDRESS SCREENSHOTS [JSON]. Exits with 0 if all is as expected.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { address, given, newPage, play, screenshots } from './chromium.mjs';

async function open(path, options = {}) {
    const page = await newPage(url => url.startsWith(address) || url.startsWith(address.replace('http', 'ws')) || /^(data|blob):/.test(url), options);
    await page.goto(new URL(path, address).href);
    await page.waitForSelector('main h1');
    return page;
}

const shoot = (page, name) => page.screenshot({ path: `${screenshots}/${name}.png`, fullPage: true });
const written = async page => (await page.textContent('.tokens[role=group]')).replaceAll('↵', '');
const until = (page, text) => page.waitForFunction(expected => document.querySelector('.tokens[role=group]')?.textContent.replaceAll('↵', '') === expected, text);

const scenarios = {
    // A link writes the text that the library writes, whatever is done on the way; a branch is in the link.
    async play() {
        const page = await open(given.link);
        await until(page, given.text);
        await page.hover('[data-token="5"]');
        await page.waitForSelector('.here button.glyph');
        assert.match(await page.textContent('.here'), /bits/);
        await shoot(page, 'play');
        await page.click('.here button.glyph >> nth=0');
        await page.waitForURL(/path=5\.\d+/);
        await page.waitForFunction(() => !document.querySelector('.busy') && document.querySelector('.fork'));
        const branch = await written(page);
        assert.notEqual(branch, given.text);
        assert.equal(branch.slice(0, 5), given.text.slice(0, 5));
        assert.equal(branch.length, given.text.length);
        await shoot(page, 'play-branch');
        const again = await open(page.url());
        await until(again, branch);
        await page.click('.tree button >> nth=0');
        await until(page, given.text);
        // The keyboard does it, too.
        await page.focus('.tokens[role=group]');
        await page.keyboard.press('ArrowRight');
        await page.keyboard.press('ArrowRight');
        await page.waitForSelector('[data-token="1"].chosen');
        // Another seed, another text.
        await page.click('text=Another one');
        await page.waitForURL(/seed=2/);
        await page.waitForFunction(before => !document.querySelector('.busy') && document.querySelector('.tokens[role=group]').textContent.length >= before.length
            && document.querySelector('.tokens[role=group]').textContent !== before, given.text);
        // Two temperatures side by side.
        await page.click('summary');
        await page.check('text=a second text beside it');
        await page.click('button.main');
        await page.waitForURL(/temperature2/);
        await page.waitForFunction(() => document.querySelectorAll('.column').length === 2 && !document.querySelector('.busy'));
        // The second one branches too, and its branch is in the link.
        await page.hover('.column >> nth=1 >> [data-token="4"]');
        await page.click('.column >> nth=1 >> .here button.glyph >> nth=0');
        await page.waitForURL(/path2=4\.\d+/);
        await page.waitForFunction(() => document.querySelectorAll('.column')[1].querySelector('.fork') && !document.querySelector('.busy'));
        await shoot(page, 'play-two');
    },

    async read() {
        const page = await open('/read');
        await page.fill('textarea', given.text);
        await page.click('button.main');
        await page.waitForSelector('.line');
        assert.ok((await page.textContent('table.facts')).includes(given.bits), `${given.bits} in ${await page.textContent('table.facts')}`);
        await page.hover('[data-token="3"]');
        await page.waitForSelector('.here meter');
        await shoot(page, 'read');
        await page.check('text=most surprising lines first');
        await page.waitForFunction(first => document.querySelector('.line .number').textContent.startsWith(`${first}:`), given.worst);
        await page.selectOption('label:has-text("Compare with") select', { label: given.other });
        await page.click('button.main');
        await page.waitForSelector('.legend .more1');
        await page.waitForFunction(() => document.querySelectorAll('table.facts tbody tr').length === 2);
        await shoot(page, 'read-difference');
        // Nothing to read is said, not suffered.
        await page.fill('textarea', '');
        await page.click('button.main');
        await page.waitForSelector('[role=alert].mistake');
    },

    async inside() {
        const page = await open('/inside');
        await page.fill('textarea', given.text);
        await page.click('button.main');
        await page.waitForSelector('.chart[data-drawn]');
        assert.ok((await page.textContent('main')).includes('white space'));
        await page.click('td.text button >> nth=1');
        await page.waitForSelector('td.text button[aria-pressed=true] >> nth=0');
        await page.evaluate(() => {
            const range = document.createRange();
            range.setStart(document.querySelector('[data-token="10"]').firstChild, 0);
            range.setEnd(document.querySelector('[data-token="12"]').firstChild, 0);
            getSelection().removeAllRanges();
            getSelection().addRange(range);
        });
        await page.click('text=Which units are on');
        await page.waitForSelector('text=Units that are on throughout these 3 tokens');
        await shoot(page, 'inside');
        await page.setInputFiles('label:has-text("Search a file") input', { name: 'book.txt', mimeType: 'text/plain', buffer: Buffer.from(given.text.repeat(100)) });
        await page.waitForSelector('text=Places in book.txt where they are on');
        await page.waitForSelector('text=/Searched: the (whole text|first)/');
        await shoot(page, 'inside-search');
        await page.selectOption('label:has-text("Colour the text by") select', 'influence');
        await page.hover('[data-token="30"]');
        await page.waitForSelector('[data-token="29"][class*=on], [data-token="28"][class*=on], [data-token="27"][class*=on]');
        await shoot(page, 'inside-influence');
    },

    // Somebody who has no model pastes a text, and watches a network learn it.
    async runs() {
        const page = await open('/');
        await page.waitForURL(/\/runs$/);
        await page.fill('textarea', 'short');
        await page.click('button.main');
        await page.waitForSelector('[role=alert].mistake');
        await page.fill('textarea', given.text);
        await page.fill('input[type=text]', 'first try');
        await page.selectOption('label:has-text("How long") select', { label: 'as long as the text deserves' });
        await page.click('button.main');
        await page.waitForSelector('article.run');
        await page.waitForSelector('.chart[data-drawn]');
        await page.waitForSelector('.sample');
        await shoot(page, 'runs');
        await page.waitForSelector('article.run:has-text("finished")');
        await page.click('text=Play with the best model');
        await page.waitForURL(/\/play\?model=first%20try/);
        await page.waitForSelector('[data-token="5"]');
    },

    // A long run is paused, and goes on.
    async pause() {
        const page = await open('/runs');
        await page.fill('textarea', given.text);
        await page.selectOption('label:has-text("How long") select', { label: '60 minutes' });
        await page.click('button.main');
        await page.waitForSelector('article.run:has-text("learning")');
        await page.click('text=Pause');
        await page.waitForSelector('article.run:has-text("paused")');
        await page.click('text=Go on');
        await page.waitForSelector('article.run:has-text("learning")');
    },

    // Nothing serious for those who do not see, or use no pointer: all pages, light and dark, on a phone and at a desk, in both languages.
    async access() {
        const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core'), 'utf8');
        const faults = [];
        for (const colorScheme of ['light', 'dark'])
            for (const locale of ['en-US', 'zh-CN'])
                for (const path of ['/play', '/read', '/inside', '/runs']) {
                    const page = await open(path, { colorScheme, locale, bypassCSP: true, viewport: (locale === 'zh-CN') === (colorScheme === 'light') ? { width: 390, height: 844 } : { width: 1200, height: 900 } });
                    if (path === '/read' || path === '/inside') {
                        await page.fill('textarea', given.text);
                        await page.click('button.main');
                    }
                    if (path !== '/runs')
                        await page.waitForSelector('[data-token="20"]');
                    if (path === '/play')
                        await page.waitForFunction(() => !document.querySelector('.busy'));
                    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth + 1), `${path} is wider than a ${locale} screen`);
                    assert.equal(await page.getAttribute('html', 'lang'), locale === 'zh-CN' ? 'zh-CN' : 'en');
                    await page.evaluate(axe);
                    const found = await page.evaluate(() => window.axe.run());
                    for (const violation of found.violations.filter(v => ['serious', 'critical'].includes(v.impact)))
                        faults.push(`${path} ${colorScheme} ${locale}: ${violation.id}: ${violation.help}: ${violation.nodes.slice(0, 3).map(node => node.html).join(' | ')}`);
                    await shoot(page, `access${path.replace('/', '-')}-${colorScheme}-${locale}`);
                    await page.context().close();
                }
        assert.deepEqual(faults, []);
    },

    // Where nothing is, a page says so and leads home.
    async nothing() {
        for (const locale of ['en-US', 'zh-CN']) {
            const page = await open('/nothing/here?x=1', { locale, viewport: locale === 'zh-CN' ? { width: 390, height: 844 } : { width: 1200, height: 900 } });
            await page.waitForSelector(locale === 'zh-CN' ? 'h1:has-text("没有这个页面")' : 'h1:has-text("There is no such page")');
            await shoot(page, `nothing-${locale}`);
            await page.click('main a');
            await page.waitForSelector('[data-token="3"]');
            assert.equal(new URL(page.url()).pathname, '/');
        }
    },

    // The language and the colours stay as chosen.
    async look() {
        const page = await open('/read');
        await page.click('text=中文');
        await page.waitForSelector('h1:has-text("让模型阅读")');
        await page.click('[aria-label=浅色或深色]');
        await page.waitForSelector('html[data-theme=dark]');
        await page.goto(new URL('/play', address).href);
        await page.waitForSelector('h1:has-text("让模型写作")');
    },

    // The server goes: the page says so.
    async lost() {
        const page = await open('/play');
        await page.waitForSelector('[data-token="5"]');
        console.log('open');
        await page.waitForSelector('#components-reconnect-modal p:visible');
    },
};

await play(scenarios);
