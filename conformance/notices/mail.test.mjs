// What a mail server gets: from one whom it knows, over TLS that the client believes, whichever way to log in it offers.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { SMTPServer } from 'smtp-server';

const run = promisify(execFile);
const binary = process.env.PLIMSOLL_BINARY || fileURLToPath(new URL('../../build/release/plimsoll', import.meta.url));
const password = 'two words, and ünïcode';
let folder, certificate, key;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plimsoll-mail-'));
  [certificate, key] = [join(folder, 'certificate.pem'), join(folder, 'key.pem')];
  await run('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key, '-out', certificate,
    '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']);
});
after(() => rm(folder, { recursive: true }));

// What the server got, and how the command ended that sent it.
async function sent({ methods = ['PLAIN', 'LOGIN'], secret = password, settings = {} } = {}) {
  const got = [];
  const server = new SMTPServer({
    key: await readFile(key), cert: await readFile(certificate), authMethods: methods, logger: false,
    onAuth(auth, session, callback) {
      if (auth.username !== 'plimsoll@example.org' || auth.password !== password) return callback(new Error('wrong password'));
      callback(null, { user: auth.username });
    },
    async onData(stream, session, callback) {
      const pieces = [];
      for await (const piece of stream) pieces.push(piece);
      got.push({ user: session.user, secure: session.secure, to: session.envelope.rcptTo.map((to) => to.address), text: Buffer.concat(pieces).toString() });
      callback();
    },
  });
  server.on('error', () => {}); // a client that breaks off the handshake
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  try {
    const config = join(folder, 'plimsoll.yaml');
    await writeFile(config, JSON.stringify({ notices: [{ name: 'mail', kind: 'email', host: 'localhost', port: server.server.address().port, starttls: 'required',
      user: 'plimsoll@example.org', secret_env: 'MAIL_PASSWORD', from: 'plimsoll@example.org', to: ['ops@example.org'], ca_file: certificate, ...settings }] }));
    const ended = await run(binary, ['notices', 'test', 'mail', '--config', config], { env: { PATH: process.env.PATH, MAIL_PASSWORD: secret } }).catch((error) => error);
    return { got, code: ended.code ?? 0, out: ended.stdout + ended.stderr };
  } finally {
    await new Promise((closed) => server.close(closed));
  }
}

for (const method of ['PLAIN', 'LOGIN'])
  test(`a notice is mailed by who logged in by ${method}`, async () => {
    const { got, code, out } = await sent({ methods: [method] });
    assert.equal(code, 0, out);
    assert.deepEqual(got.map(({ user, secure, to }) => ({ user, secure, to })), [{ user: 'plimsoll@example.org', secure: true, to: ['ops@example.org'] }]);
    assert.match(got[0].text, /Subject: .*A test of Plimsoll's notices/);
  });

test('a wrong password is told, and told of nobody', async () => {
  const { got, code, out } = await sent({ secret: 'not-the-password' });
  assert.equal(code, 1);
  assert.match(out, /not logged in: 535/);
  assert.doesNotMatch(out, /not-the-password/);
  assert.deepEqual(got, []);
});

test('a certificate that nobody vouches for gets no password', async () => {
  const { got, code, out } = await sent({ settings: { ca_file: '' } });
  assert.equal(code, 1);
  assert.match(out, /TLS handshake/);
  assert.deepEqual(got, []);
});

test('a password is not sent where TLS is not required', async () => {
  const { code, out } = await sent({ settings: { starttls: 'if_offered' } });
  assert.equal(code, 2);
  assert.match(out, /'starttls' must be 'required' where a password is sent/);
});
