// Opens the playground of a running server in Chromium, and fails if anything is
// asked of another host, the page breaks its own policy, or no query is answered.
// Usage: node check.mjs <base URL> <API key> [screenshot.png]
import { chromium } from 'playwright-core';

const [base, key, picture] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
const problems = [];
let requests = 0;
page.on('request', (request) => {
  requests += 1;
  const address = new URL(request.url());
  if (!['data:', 'blob:'].includes(address.protocol) && address.origin !== new URL(base).origin) problems.push(`asked ${request.url()}`);
});
page.on('console', (message) => { if (/Content Security Policy/.test(message.text())) problems.push(message.text()); });
page.on('pageerror', (error) => problems.push(`error: ${error.message}`));
try {
  await page.goto(`${base}/playground/`);
  await page.fill('input[name=key]', key);
  await page.click('.caller button');
  await page.waitForSelector('.graphiql-execute-button', { timeout: 60_000 });
  const answered = page.waitForResponse((r) => r.url().endsWith('/graphql') && r.request().postData()?.includes('viewer'), { timeout: 60_000 });
  await page.click('.graphiql-execute-button');
  const answer = await (await answered).json();
  if (!answer.data?.viewer) problems.push(`the default query got ${JSON.stringify(answer)}`);
  if (picture) await page.screenshot({ path: picture });
} catch (error) {
  problems.push(error.message);
} finally {
  await browser.close();
}
console.log(`${requests} requests, ${problems.length} problems`);
for (const problem of problems) console.error(problem);
process.exit(problems.length ? 1 : 0);
