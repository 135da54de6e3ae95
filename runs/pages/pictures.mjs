// pictures.mjs ADDRESS TEXT FOLDER: see pictures.sh.
import { readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';

const [address, text, folder] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
const page = await (await browser.newContext({ viewport: { width: 1100, height: 860 }, locale: 'en-US' })).newPage();
page.setDefaultTimeout(150_000);
const shoot = (name, height) => page.screenshot({ path: `${folder}/${name}.png`, clip: { x: 0, y: 0, width: 1100, height } });
const whole = readFileSync(text, 'utf8');

// Who has no model is led to where one is made.
await page.goto(address);
await page.waitForURL(/\/runs$/);
await page.fill('textarea', whole);
await page.fill('input[type=text]', 'Time Machine');
await page.selectOption('label:has-text("How long") select', { label: 'a minute' });
await page.click('button.main');
await page.waitForSelector('article.run:has-text("finished")');
await page.waitForTimeout(2000);
await shoot('runs', 820);

await page.click('text=Play with the best model');
await page.waitForURL(/\/play\?model=/);
const model = new URL(page.url()).searchParams.get('model');
const play = `/play?model=${encodeURIComponent(model)}&prefix=The%20Time%20Traveller&length=300&temperature=0.6&seed=3&pace=once`;
await page.goto(new URL(play, address).href);
await page.waitForFunction(() => !document.querySelector('.busy') && document.querySelector('[data-token="280"]'));
await page.hover('[data-token="36"]');
await page.waitForSelector('.here button.glyph');
await page.click('.here button.glyph >> nth=1');
await page.waitForURL(/path=36\.\d+/);
await page.waitForFunction(() => !document.querySelector('.busy') && document.querySelector('.fork') && document.querySelector('[data-token="280"]'));
await page.hover('[data-token="50"]');
await page.waitForSelector('.here button.glyph');
await shoot('play', 860);

await page.goto(new URL(`/read?model=${encodeURIComponent(model)}`, address).href);
const passage = whole.slice(whole.indexOf('The Time Traveller'), whole.indexOf('The Time Traveller') + 700);
await page.fill('textarea', passage);
await page.click('button.main');
await page.waitForSelector('.tokens');
await page.waitForTimeout(1000);
await shoot('read', 860);

await page.goto(new URL(`/inside?model=${encodeURIComponent(model)}`, address).href);
await page.fill('textarea', passage);
await page.click('button.main');
await page.waitForSelector('.chart[data-drawn]');
await page.waitForTimeout(1000);
await page.screenshot({ path: `${folder}/inside.png`, fullPage: true });
await browser.close();
