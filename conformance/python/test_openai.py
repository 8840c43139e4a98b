"""OpenAI's own client for Python, unmodified but for its base URL."""
import json
import math
import unittest
from typing import Literal

import openai
from pydantic import BaseModel

from support import (ADDRESS, ASK, DISTRESS, FAULTS, JAILBREAK, LATE, LEAD, QUESTION, REPLACED, SCHEMA, World)

world = World()
tearDownModule = world.close


class Forecast(BaseModel):
    city: str
    kind: Literal["sun", "rain"]
    days: list[int]


def client(at=None, **options):
    return openai.OpenAI(base_url=f"{(at or world.gateway).url}/v1", api_key="sk-conformance", timeout=20,
                         **{"max_retries": 0, **options})


def messages(content):
    return {"model": "sample", "messages": [{"role": "user", "content": content}]}


def prompt(content):
    return {"model": "sample", "input": content}


class Case(unittest.TestCase):
    def refused(self, call):
        with self.assertRaises(openai.BadRequestError) as caught:
            call()
        error = caught.exception
        self.assertEqual(error.status_code, 400)
        self.assertEqual(error.code, "content_filter")
        self.assertEqual(error.type, "invalid_request_error")
        self.assertEqual(error.body["innererror"]["action"], "block")
        self.assertTrue(error.request_id)
        self.assertNotIn("jane", error.response.text)
        return error


class Chat(Case):
    def test_an_answer_arrives_as_the_model_gave_it(self):
        answer = client().chat.completions.create(**messages("Hello there."))
        self.assertEqual(answer.choices[0].message.content, "You said: Hello there.")
        self.assertEqual(answer.choices[0].finish_reason, "stop")
        self.assertEqual(answer.usage.total_tokens, 6)

    def test_a_stream_says_the_same(self):
        stream = client().chat.completions.create(**messages("One two."), stream=True)
        pieces = [chunk.choices[0].delta.content or "" for chunk in stream]
        self.assertEqual("".join(pieces), "You said: One two.")

    def test_the_stream_helper_gives_the_final_completion(self):
        with client().chat.completions.stream(**messages("One two.")) as stream:
            self.assertTrue(any(event.type == "content.delta" for event in stream))
            self.assertEqual(stream.get_final_completion().choices[0].message.content, "You said: One two.")

    def test_a_tool_is_called_and_its_result_told_on(self):
        tools = [{"type": "function", "function": {"name": "weather", "parameters": SCHEMA}}]
        request = messages(QUESTION)
        first = client().chat.completions.create(**request, tools=tools).choices[0]
        self.assertEqual(first.finish_reason, "tool_calls")
        [call] = first.message.tool_calls
        self.assertEqual(json.loads(call.function.arguments), {"city": QUESTION, "days": 1})
        request["messages"] += [first.message.model_dump(exclude_none=True),
                                {"role": "tool", "tool_call_id": call.id, "content": "sunny"}]
        second = client().chat.completions.create(**request, tools=tools).choices[0]
        self.assertEqual(second.message.content, "The tool said: sunny")

    def test_structured_output_is_parsed(self):
        answer = client().chat.completions.parse(**messages("Bern"), response_format=Forecast)
        self.assertEqual(answer.choices[0].message.parsed, Forecast(city="You said: Bern", kind="sun", days=[1]))

    def test_a_refusal_is_a_bad_request_error(self):
        for stream in (False, True):
            error = self.refused(lambda s=stream: client().chat.completions.create(**messages(ASK), stream=s))
            self.assertEqual(error.param, "messages")

    def test_personal_data_in_an_answer_is_replaced(self):
        answer = client().chat.completions.create(**messages("[[canned: email]]"))
        self.assertEqual(answer.choices[0].message.content, REPLACED)

    def test_a_withheld_stream_ends_with_content_filter(self):
        stream = client(world.withholding).chat.completions.create(**messages(LATE), stream=True)
        chunks = list(stream)
        text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
        self.assertEqual(chunks[-1].choices[0].finish_reason, "content_filter")
        self.assertTrue(f"{LEAD}Ask ".startswith(text.rstrip()), text)

    def test_where_the_client_parses_a_withheld_answer_is_its_own_error(self):
        with self.assertRaises(openai.ContentFilterFinishReasonError):
            client(world.withholding).chat.completions.parse(**messages("[[canned: email]]"), response_format=Forecast)

    def test_a_stream_that_breaks_is_an_api_error(self):
        for fault in FAULTS:
            with self.subTest(fault), self.assertRaises(openai.APIError):
                request = messages(f"one two three four [[fault: {fault}]]")
                list(client().chat.completions.create(**request, stream=True))

    def test_the_providers_failures_keep_their_kind(self):
        for status, kind in ((400, openai.BadRequestError), (429, openai.RateLimitError),
                             (503, openai.InternalServerError)):
            with self.subTest(status), self.assertRaises(kind):
                client().chat.completions.create(**messages(f"[[fault: {status}]]"))
        with self.assertRaises(openai.InternalServerError):
            client(world.lonely).chat.completions.create(**messages("Hello."))


class Responses(Case):
    def read(self, at, content, **options):
        return list(client(at).responses.create(**prompt(content), stream=True, **options))

    def text(self, events):
        return "".join(event.delta for event in events if event.type == "response.output_text.delta")

    def test_a_response_arrives_as_the_model_gave_it(self):
        response = client().responses.create(**prompt("Hello there."), instructions="Be brief.")
        self.assertEqual(response.output_text, "You said: Hello there.")
        self.assertEqual(response.status, "completed")
        self.assertEqual(response.usage.input_tokens, 4)

    def test_a_stream_says_the_same_in_numbered_events(self):
        events = self.read(None, "One two.")
        self.assertEqual(self.text(events), "You said: One two.")
        numbers = [event.sequence_number for event in events]
        self.assertEqual(numbers, sorted(set(numbers)))
        self.assertEqual(events[-1].type, "response.completed")

    def test_the_stream_helper_gives_the_final_response(self):
        with client().responses.stream(**prompt("One two.")) as stream:
            self.assertEqual(stream.get_final_response().output_text, "You said: One two.")

    def test_a_tool_is_called_and_its_result_told_on(self):
        tools = [{"type": "function", "name": "weather", "parameters": SCHEMA, "strict": True}]
        [call] = client().responses.create(**prompt(QUESTION), tools=tools).output
        self.assertEqual((call.type, call.name), ("function_call", "weather"))
        self.assertEqual(json.loads(call.arguments), {"city": QUESTION, "days": 1})
        items = [{"role": "user", "content": QUESTION}, call.model_dump(exclude_none=True),
                 {"type": "function_call_output", "call_id": call.call_id, "output": "sunny"}]
        self.assertEqual(client().responses.create(**prompt(items), tools=tools).output_text, "The tool said: sunny")

    def test_structured_output_is_parsed(self):
        response = client().responses.parse(**prompt("Bern"), text_format=Forecast)
        self.assertEqual(response.output_parsed, Forecast(city="You said: Bern", kind="sun", days=[1]))

    def test_a_refusal_is_a_bad_request_error(self):
        for stream in (False, True):
            self.refused(lambda s=stream: client().responses.create(**prompt(ASK), stream=s))
        self.refused(lambda: client().responses.create(**prompt("Hello."), instructions=ASK))

    def test_personal_data_in_an_answer_is_replaced(self):
        self.assertEqual(client().responses.create(**prompt("[[canned: email]]")).output_text, REPLACED)
        self.assertEqual(self.text(self.read(None, "[[canned: email]] [[chunks: 3]]")), REPLACED)

    def test_a_withheld_response_is_incomplete(self):
        response = client(world.withholding).responses.create(**prompt("[[canned: email]]"))
        self.assertEqual(response.status, "incomplete")
        self.assertEqual(response.incomplete_details.reason, "content_filter")
        self.assertNotIn("jane", response.model_dump_json())

    def test_a_withheld_stream_ends_with_response_incomplete(self):
        events = self.read(world.withholding, LATE)
        self.assertEqual(events[-1].type, "response.incomplete")
        self.assertEqual(events[-1].response.incomplete_details.reason, "content_filter")
        self.assertTrue(f"{LEAD}Ask ".startswith(self.text(events).rstrip()))

    def test_a_stream_that_breaks_is_never_a_silent_end(self):
        for fault in FAULTS:
            with self.subTest(fault):
                try:
                    types = [event.type for event in self.read(None, f"one two three four [[fault: {fault}]]")]
                except openai.APIError:
                    continue
                self.assertIn(types[-1], ("error", "response.failed"))


class Others(Case):
    def test_embeddings_arrive_as_floats_and_as_base64(self):
        ask = {"model": "sample", "input": ["a harbour at dawn", "another"], "dimensions": 16}
        decoded = client().embeddings.create(**ask).data  # the client asks for base64 and decodes
        self.assertEqual(world.model.last()["encoding_format"], "base64")
        floats = client().embeddings.create(**ask, encoding_format="float").data
        for one, other in zip(decoded, floats, strict=True):
            self.assertEqual(len(one.embedding), 16)
            self.assertTrue(all(math.isclose(a, b, abs_tol=1e-6)
                                for a, b in zip(one.embedding, other.embedding, strict=True)))

    def test_an_embedding_of_personal_data_is_refused(self):
        self.refused(lambda: client().embeddings.create(model="sample", input=["harmless", ASK]))

    def test_completions_arrive_for_each_prompt_streamed_or_not(self):
        ask = {"model": "sample", "prompt": ["One.", "Two."]}
        texts = [choice.text for choice in client().completions.create(**ask).choices]
        self.assertEqual(texts, ["You said: One.", "You said: Two."])
        streamed = ["", ""]
        for chunk in client().completions.create(**ask, stream=True):
            for choice in chunk.choices:
                streamed[choice.index] += choice.text
        self.assertEqual(streamed, texts)

    def test_a_completion_is_refused_or_withheld(self):
        self.refused(lambda: client().completions.create(model="sample", prompt=["Hello.", ASK]))
        [choice] = client(world.withholding).completions.create(model="sample", prompt="[[canned: email]]").choices
        self.assertEqual(choice.finish_reason, "content_filter")
        self.assertNotIn("jane", choice.text)

    def test_models_are_listed(self):
        self.assertEqual([model.id for model in client().models.list()], ["plimsoll-sample-1"])

    def test_moderations_are_our_own_verdict(self):
        results = client().moderations.create(input=["A walk along the harbour.", DISTRESS]).results
        self.assertEqual([result.flagged for result in results], [False, True])
        self.assertTrue(results[1].categories.self_harm)
        self.assertGreater(results[1].category_scores.self_harm, results[0].category_scores.self_harm)

    def test_the_model_never_sees_what_a_policy_replaces_and_the_answer_has_it_back(self):
        response = client(world.replacing).responses.create(**prompt(ASK))
        self.assertNotIn(ADDRESS, world.model.last_text())
        self.assertEqual(response.output_text, f"You said: {ASK}")
        answer = client(world.replacing).chat.completions.create(**messages(ASK))
        self.assertNotIn(ADDRESS, world.model.last_text())
        self.assertEqual(answer.choices[0].message.content, f"You said: {ASK}")

    def test_a_likely_jailbreak_is_answered_in_safe_mode(self):
        tools = [{"type": "function", "function": {"name": "act", "parameters": {"type": "object", "properties": {}}}}]
        answer = client().chat.completions.create(**messages(JAILBREAK), tools=tools)
        self.assertIsNone(answer.choices[0].message.tool_calls)
        self.assertNotIn("tools", world.model.last())


class Async(unittest.IsolatedAsyncioTestCase):
    async def test_the_asynchronous_client_streams_and_is_refused(self):
        asked = openai.AsyncOpenAI(base_url=f"{world.gateway.url}/v1", api_key="sk-conformance", max_retries=0)
        async with asked as client_:
            text = ""
            async for chunk in await client_.chat.completions.create(**messages("One two."), stream=True):
                text += chunk.choices[0].delta.content or ""
            self.assertEqual(text, "You said: One two.")
            with self.assertRaises(openai.BadRequestError):
                await client_.chat.completions.create(**messages(ASK))


if __name__ == "__main__":
    unittest.main()
