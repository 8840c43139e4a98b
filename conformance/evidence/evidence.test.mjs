// Sigstore's verifier on the service's bundles, and ajv on its cards where the schemas are at hand.
import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { bundleFromJSON } from '@sigstore/bundle';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';
import Ajv from 'ajv';
import addFormats from 'ajv-formats';
import { startEvidence } from '../harness.mjs';

const url = await startEvidence();
const schemas = fileURLToPath(new URL('../../../shared/schemas/', import.meta.url));
const skip = existsSync(schemas) ? false : 'the schemas are not at hand';
const MODEL = 'harbour-pilot-7b@2.1';

async function submit(artifactType, metadata) {
  const body = JSON.stringify({ artifactType, modelVersion: MODEL, contentRef: `sha256:${'c'.repeat(64)}`, metadata });
  const reply = await fetch(`${url}/evidence`, { method: 'POST', body });
  assert.equal(reply.status, 201);
  return (await reply.json()).id;
}

const card = await submit('model_card', {
  name: 'Harbour Pilot', description: 'Answers questions about port rules.', owners: ['Port Authority'], license: 'Apache-2.0',
  references: ['https://example.com/paper'], model_architecture: 'decoder', approach: 'supervised', task: 'text-generation',
  datasets: ['port-rules'], inputs: ['text'], outputs: ['text'], users: ['pilots'], use_cases: ['berth planning'],
  out_of_scope: ['navigation'], limitations: ['tides'], tradeoffs: ['speed'], environmental_considerations: '12 kWh',
  ethical_considerations: [{ name: 'surveillance', mitigation_strategy: 'no faces' }],
  fairness_assessments: [{ group_at_risk: 'night crews', harms: 'worse answers', mitigation_strategy: 'more data' }],
  components: [{ name: 'tokenizer', version: '1' }],
  controls: [{ framework: 'ISO/IEC 42001', id: 'A.6.2.4', title: 'Verification', conformance: 0.9, rationale: 'tested' }, 'MAP 1.1'],
});
const gate = await submit('ci_evidence', { status: 'pass', violations: [], rows: [{ name: 'drift.psi' }], policy_version: 'a'.repeat(64) });
await submit('eval_pack', {
  quality: { pass_at_5: { value: 0.84, ci: [0.78, 0.89], n: 164, dataset: 'HumanEval' } },
  subgroups: [{ metric: 'selection_rate', attribute: 'shift', group: 'day', value: 0.5, n: 400 }],
});

async function fetchBundle(id, statement) {
  for (let tries = 0; ; ++tries) {
    const reply = await fetch(`${url}/evidence/${id}/bundle?statement=${statement}`);
    if (reply.status === 200) return reply.json();
    assert.ok(reply.status === 503 && tries < 100, `${reply.status} ${await reply.text()}`);
    await sleep(100);
  }
}
const root = TrustedRoot.fromJSON(await (await fetch(`${url}/attestation/trusted-root`)).json());
const publicKey = createPublicKey(await (await fetch(`${url}/attestation/key`)).text());
const trust = toTrustMaterial(root, () => ({ publicKey, validFor: () => true }));
const verifier = new Verifier(trust, { tlogThreshold: 1, ctlogThreshold: 0, timestampThreshold: 0 });
const verify = (bundle) => verifier.verify(toSignedEntity(bundleFromJSON(bundle)));

for (const [what, id, statement, type] of [
  ['a model evaluation', card, 0, 'https://plimsoll.example/attestation/model-evaluation/v0.1'],
  ['a test result', gate, 0, 'https://in-toto.io/attestation/test-result/v0.1'],
  ['a verification result', gate, 1, 'https://in-toto.io/attestation/svr/v0.2'],
])
  test(`Sigstore verifies the bundle of ${what}`, async () => {
    const bundle = await fetchBundle(id, statement);
    verify(bundle);
    const claim = JSON.parse(Buffer.from(bundle.dsseEnvelope.payload, 'base64'));
    assert.equal(claim._type, 'https://in-toto.io/Statement/v1');
    assert.equal(claim.predicateType, type);
    assert.ok(claim.subject.every(({ digest }) => /^[0-9a-f]{64}$/.test(digest.sha256)));
  });

const flip = (text) => {
  const bytes = Buffer.from(text, 'base64');
  bytes[bytes.length >> 1] ^= 1;
  return bytes.toString('base64');
};
for (const [what, change] of [
  ['payload', (b) => (b.dsseEnvelope.payload = flip(b.dsseEnvelope.payload))],
  ['signature', (b) => (b.dsseEnvelope.signatures[0].sig = flip(b.dsseEnvelope.signatures[0].sig))],
  ['proof', (b) => (b.verificationMaterial.tlogEntries[0].inclusionProof.hashes[0] = flip(b.verificationMaterial.tlogEntries[0].inclusionProof.hashes[0]))],
  ['entry', (b) => (b.verificationMaterial.tlogEntries[0].canonicalizedBody = flip(b.verificationMaterial.tlogEntries[0].canonicalizedBody))],
  ['checkpoint', (b) => (b.verificationMaterial.tlogEntries[0].inclusionProof.checkpoint.envelope = b.verificationMaterial.tlogEntries[0].inclusionProof.checkpoint.envelope.replace(/\n(\d+)\n/, '\n9$1\n'))],
])
  test(`Sigstore refuses a bundle with another ${what}`, async () => {
    const bundle = await fetchBundle(card, 0);
    change(bundle);
    assert.throws(() => verify(bundle));
  });

const load = (path) => JSON.parse(readFileSync(schemas + path));
for (const kind of ['model', 'system'])
  for (const format of ['cyclonedx', 'google'])
    test(`a ${kind} card as ${format} is valid`, { skip }, async () => {
      const ajv = new Ajv({ strict: false, allErrors: true, logger: false });
      addFormats(ajv);
      for (const part of ['spdx', 'jsf-0.82']) ajv.addSchema(load(`cyclonedx-1.6/${part}.schema.json`));
      const path = format === 'cyclonedx' ? 'cyclonedx-1.6/bom-1.6.schema.json' : 'google-model-card/model_card.schema.v0.0.2.json';
      const valid = ajv.compile(load(path));
      const made = await (await fetch(`${url}/cards/${kind}?model=${encodeURIComponent(MODEL)}&format=${format}`)).json();
      assert.ok(valid(made), JSON.stringify(valid.errors));
    });
