// What all that a person does in a real Chromium has in common: SCRIPT SCENARIO ADDRESS SCREENSHOTS [JSON].
import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';

export const [scenario, address, screenshots, json] = process.argv.slice(2);
export const given = json ? JSON.parse(json) : {};
export const complaints = [];
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
const patience = 120_000; // machines differ; what is not there after this will not come

/** A page of a browser's window that complains of whatever is wrong, and of requests that are not allowed. */
export async function newPage(isAllowed, options) {
    const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, locale: 'en-US', ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(patience);
    page.on('pageerror', error => complaints.push(`page error: ${error.message}`));
    page.on('console', message => message.type() === 'error' && !given.expectsErrors && complaints.push(`console: ${message.text()}`));
    page.on('request', request => isAllowed(request.url()) || complaints.push(`asks elsewhere: ${request.url()}`));
    return page;
}

/** Plays the scenario; the process ends with 0 if all is as expected. */
export async function play(scenarios, prefix = '') {
    try {
        await scenarios[scenario]();
        assert.deepEqual(complaints, []);
    } catch (error) {
        console.error(error.message);
        for (const complaint of complaints)
            console.error(complaint);
        for (const context of browser.contexts())
            for (const page of context.pages())
                await page.screenshot({ path: `${screenshots}/failed-${prefix}${scenario}.png`, fullPage: true }).catch(() => { });
        process.exitCode = 1;
    } finally {
        await browser.close();
    }
}
