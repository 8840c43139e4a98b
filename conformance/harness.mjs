// Starts the sample model and gateways in front of it, each on a port of its own with its data in a temporary
// directory, and stops them after the tests of the file that started them. PLIMSOLL_BINARY names the program;
// default: build/release/plimsoll.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const binary = process.env.PLIMSOLL_BINARY || join(root, 'build/release/plimsoll');
assert.ok(existsSync(binary), `${binary} is missing; run: scripts/build`);
const START_MS = 30_000;
const STOP_MS = 15_000;

const running = new Set();
const killAll = () => running.forEach((child) => child.kill('SIGKILL'));
process.on('exit', killAll);

// Nothing of the caller's settings reaches the program, except what a sanitizer is told.
function environment(settings) {
  const kept = Object.entries(process.env).filter(([name]) => name === 'PATH' || name.endsWith('SAN_OPTIONS'));
  return { ...Object.fromEntries(kept), ...settings };
}

function start(args, settings, cwd) {
  const child = spawn(binary, args, { cwd, env: environment(settings), stdio: ['ignore', 'pipe', 'pipe'] });
  const server = { child, log: '' };
  running.add(child);
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (server.log += text));
  child.on('error', (error) => (server.log += `${binary}: ${error.message}\n`));
  server.ended = once(child, 'close').catch(() => []);
  server.ended.then(() => running.delete(child));
  return server;
}

const isRunning = ({ child }) => child.pid !== undefined && child.exitCode === null && child.signalCode === null;

// A server that does not leave when asked, or leaves with a complaint, fails the suite.
async function stop(server) {
  const { child } = server;
  child.kill('SIGTERM');
  await Promise.race([server.ended, sleep(STOP_MS, undefined, { ref: false })]);
  if (child.exitCode !== 0) killAll(); // the remaining hooks may not run
  assert.equal(child.exitCode, 0, `the server did not stop cleanly (${child.signalCode}):\n${server.log}`);
}

async function until(server, ready) {
  for (const deadline = Date.now() + START_MS; isRunning(server) && Date.now() < deadline; await sleep(20)) {
    const value = await ready().catch(() => undefined);
    if (value) return value;
  }
  return undefined;
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}

// What a promise fails with; it must fail.
export const fails = (promise) => promise.then(() => assert.fail('did not fail'), (error) => error);

// The sample model: see src/sample/include/sample/sample_model.h for what prompts can ask of it.
export async function startModel() {
  const server = start(['sample-model', '--port', '0'], {}, tmpdir());
  const url = await until(server, async () => /http:\S+/.exec(server.log)?.[0]);
  assert.ok(url, `the sample model did not start:\n${server.log}`);
  after(() => stop(server));
  return {
    url,
    // The last request that reached it, and its headers (":path" among them).
    last: async () => (await fetch(`${url}/_last`)).json(),
    lastHeaders: async () => (await fetch(`${url}/_last_headers`)).json(),
  };
}

// `settings` are environment variables; `policy` is a file's path from the root of the repository.
export async function startGateway(model, { policy, ...settings } = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'plimsoll-conformance-'));
  for (let tries = 0; ; ++tries) {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const given = {
      GATEWAY_PORT: String(port),
      METRICS_ENABLED: 'false',
      PAC_UPSTREAM_URL: model.url,
      STORAGE_PATH: directory,
      ...(policy && { PAC_CONFIG: join(root, policy) }),
      ...settings,
    };
    const server = start(['serve', '--role', 'gateway'], given, directory);
    if (await until(server, async () => (await fetch(`${url}/readyz`)).ok)) return gateway(server, url, directory);
    const taken = server.log.includes('cannot listen on'); // somebody was quicker
    if (!taken || tries === 5) assert.fail(`the gateway did not start:\n${server.log}`);
  }
}

// The evidence service alone.
export async function startEvidence() {
  const directory = await mkdtemp(join(tmpdir(), 'plimsoll-conformance-'));
  for (let tries = 0; ; ++tries) {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const given = { EVIDENCE_PORT: String(port), METRICS_ENABLED: 'false', STORAGE_PATH: directory };
    const server = start(['serve', '--role', 'evidence'], given, directory);
    if (await until(server, async () => (await fetch(`${url}/readyz`)).ok)) {
      after(async () => {
        await stop(server);
        await rm(directory, { recursive: true, force: true });
      });
      return url;
    }
    if (!server.log.includes('cannot listen on') || tries === 5) assert.fail(`the service did not start:\n${server.log}`);
  }
}

function gateway(server, url, directory) {
  after(async () => {
    await stop(server);
    await rm(directory, { recursive: true, force: true });
  });
  return {
    url,
    // The sum of a metric's samples that have these labels.
    async count(name, labels = {}) {
      const text = await (await fetch(`${url}/metrics`)).text();
      const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
      return text
        .split('\n')
        .filter((line) => line.startsWith(`${name}{`) && wanted.every((label) => line.includes(label)))
        .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
    },
  };
}

// The control plane alone, with its store in a temporary directory; `run` runs another command of the program beside it.
export async function startControl() {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-conformance-'));
  const port = await freePort();
  const server = start(['serve', '--role', 'control', '--control-port', String(port), '--data', join(folder, 'data')], {}, folder);
  const url = `http://127.0.0.1:${port}`;
  const ready = await until(server, async () => (await fetch(`${url}/readyz`)).status === 200);
  assert.ok(ready, `the control plane did not start:\n${server.log}`);
  after(async () => {
    await stop(server);
    await rm(folder, { recursive: true });
  });
  const run = async (...args) => {
    const command = start(args, {}, folder);
    const [code] = await command.ended;
    assert.equal(code, 0, command.log);
    return command.log;
  };
  return { url, folder, run };
}
