// ajv on the exported OSCAL documents, under NIST's schemas of 1.2.1 and 1.2.2 where they are at hand.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import Ajv from 'ajv';
import addFormats from 'ajv-formats';
import { startControl } from '../harness.mjs';

const schemas = fileURLToPath(new URL('../../../shared/schemas/', import.meta.url));
const skip = existsSync(schemas) ? false : 'the schemas are not at hand';
const DOCUMENTS = {
  'assessment-results': 'oscal_assessment-results_schema.json',
  'component-definition': 'oscal_component_schema.json',
  'plan-of-action-and-milestones': 'oscal_poam_schema.json',
};

test('OSCAL documents are valid under 1.2.1 and 1.2.2', { skip }, async () => {
  const { url, folder, run } = await startControl();
  const event = { user_id: 'u', org_id: 'o', surface: 'api', tier: 'enterprise', prompt: 'hello', risk_scores: { cbrn: 0.5 } };
  const reply = await fetch(`${url}/ingest`, { method: 'POST', body: JSON.stringify({ events: [event] }) });
  assert.equal(reply.status, 200);
  const compile = (path) => {
    const ajv = addFormats(new Ajv({ strict: false, allErrors: true, unicodeRegExp: true }));
    return ajv.compile(JSON.parse(readFileSync(join(schemas, path))));
  };
  const complete = compile('oscal-1.2.2/oscal_complete_schema.json');
  const each = Object.entries(DOCUMENTS).map(([name, file]) => [name, compile(`oscal-1.2.1/${file}`)]);
  for (const framework of ['iso42001', 'nist-ai-rmf', 'eu-ai-act', 'soc2', 'hipaa']) {
    await run('export', '--framework', framework, '--format', 'oscal', '--out', 'oscal', '--control', url, '--evidence', url);
    for (const [name, validate] of each) {
      const document = JSON.parse(readFileSync(join(folder, 'oscal', `${framework}.${name}.json`)));
      for (const valid of [validate, complete]) assert.ok(valid(document), `${framework} ${name}: ${JSON.stringify(valid.errors?.slice(0, 3))}`);
      const broken = structuredClone(document);
      delete Object.values(broken)[0].metadata.title;
      assert.ok(!complete(broken), 'a document without a title is not valid');
    }
  }
});
