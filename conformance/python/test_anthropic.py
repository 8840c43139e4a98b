"""Anthropic's own client for Python, unmodified but for its base URL."""
import unittest

import anthropic
from pydantic import BaseModel

from support import (ADDRESS, ASK, DISTRESS, FAULTS, JAILBREAK, LATE, LEAD, QUESTION, REPLACED, SCHEMA, World)

world = World()
tearDownModule = world.close


class Forecast(BaseModel):
    city: str
    warm: bool
    days: list[int]


def client(at=None, **options):
    return anthropic.Anthropic(base_url=(at or world.gateway).url, api_key="sk-ant-conformance", timeout=20,
                               **{"max_retries": 0, **options})


def ask(content, **options):
    return {"model": "sample", "max_tokens": 4096, "messages": [{"role": "user", "content": content}], **options}


class Messages(unittest.TestCase):
    def refused(self, call):
        with self.assertRaises(anthropic.BadRequestError) as caught:
            call()
        error = caught.exception
        self.assertEqual(error.status_code, 400)
        self.assertEqual(error.body["type"], "error")
        self.assertEqual(error.body["error"]["type"], "invalid_request_error")
        self.assertTrue(error.request_id)
        self.assertNotIn("jane", error.response.text)
        return error

    def test_a_message_arrives_as_the_model_gave_it(self):
        message = client().messages.create(**ask("Hello there.", system="Be brief."))
        self.assertEqual(message.content[0].text, "You said: Hello there.")
        self.assertEqual(message.stop_reason, "end_turn")
        self.assertEqual((message.usage.input_tokens, message.usage.output_tokens), (4, 4))

    def test_a_stream_says_the_same(self):
        events = list(client().messages.create(**ask("One two."), stream=True))
        text = "".join(event.delta.text for event in events if event.type == "content_block_delta")
        self.assertEqual(text, "You said: One two.")
        self.assertEqual(events[-1].type, "message_stop")

    def test_the_stream_helper_gives_the_final_message(self):
        with client().messages.stream(**ask("One two.")) as stream:
            self.assertEqual("".join(stream.text_stream), "You said: One two.")
            self.assertEqual(stream.get_final_message().content[0].text, "You said: One two.")

    def test_a_tool_is_called_and_its_result_told_on(self):
        tools = [{"name": "weather", "input_schema": SCHEMA}]
        request = ask(QUESTION, tools=tools)
        first = client().messages.create(**request)
        self.assertEqual(first.stop_reason, "tool_use")
        [call] = first.content
        self.assertEqual((call.name, call.input), ("weather", {"city": QUESTION, "days": 1}))
        with client().messages.stream(**request) as stream:
            self.assertEqual(stream.get_final_message().content[0].input, call.input)
        request["messages"] += [{"role": "assistant", "content": first.content}, {"role": "user", "content": [
            {"type": "tool_result", "tool_use_id": call.id, "content": "sunny"}]}]
        self.assertEqual(client().messages.create(**request).content[0].text, "The tool said: sunny")

    def test_thinking_arrives_in_a_block_of_its_own(self):
        message = client().messages.create(**ask("[[think: First this.]] [[say: done]]"))
        self.assertEqual([block.type for block in message.content], ["thinking", "text"])
        self.assertEqual(message.content[0].thinking, "First this.")

    def test_structured_output_is_parsed(self):
        message = client().messages.parse(**ask("Bern"), output_format=Forecast)
        self.assertEqual(message.parsed_output, Forecast(city="You said: Bern", warm=True, days=[1]))

    def test_tokens_are_counted(self):
        request = {"model": "sample", "messages": [{"role": "user", "content": "One two three."}]}
        self.assertEqual(client().messages.count_tokens(**request).input_tokens, 3)

    def test_models_are_listed(self):
        self.assertEqual([model.id for model in client().models.list()], ["plimsoll-sample-1"])

    def test_a_refusal_is_a_bad_request_error(self):
        for stream in (False, True):
            self.refused(lambda s=stream: client().messages.create(**ask(ASK), stream=s))
        self.refused(lambda: client().messages.create(**ask("Hello.", system=ASK)))
        self.refused(lambda: client().messages.count_tokens(
            model="sample", messages=[{"role": "user", "content": ASK}]))

    def test_a_person_in_distress_is_answered_with_care(self):
        self.assertIn("988", str(self.refused(lambda: client().messages.create(**ask(DISTRESS)))))

    def test_personal_data_in_an_answer_is_replaced(self):
        self.assertEqual(client().messages.create(**ask("[[canned: email]]")).content[0].text, REPLACED)
        with client().messages.stream(**ask("[[canned: email]] [[chunks: 3]]")) as stream:
            self.assertEqual(stream.get_final_text(), REPLACED)

    def test_the_model_never_sees_what_a_policy_replaces_and_the_answer_has_it_back(self):
        message = client(world.replacing).messages.create(**ask(ASK))
        self.assertNotIn(ADDRESS, world.model.last_text())
        self.assertEqual(message.content[0].text, f"You said: {ASK}")

    def test_a_withheld_answer_has_the_stop_reason_refusal(self):
        message = client(world.withholding).messages.create(**ask("[[canned: email]]"))
        self.assertEqual(message.stop_reason, "refusal")
        self.assertNotIn("jane", message.model_dump_json())

    def test_a_withheld_stream_ends_cleanly_with_the_stop_reason_refusal(self):
        with client(world.withholding).messages.stream(**ask(LATE)) as stream:
            text = "".join(stream.text_stream)
            message = stream.get_final_message()
        self.assertEqual(message.stop_reason, "refusal")
        self.assertTrue(f"{LEAD}Ask ".startswith(text.rstrip()), text)

    def test_a_stream_that_breaks_is_an_api_error(self):
        for fault in FAULTS:
            with self.subTest(fault), self.assertRaises(anthropic.APIError):
                list(client().messages.create(**ask(f"one two three four [[fault: {fault}]]"), stream=True))

    def test_the_providers_failures_keep_their_kind(self):
        for status, kind in ((400, anthropic.BadRequestError), (429, anthropic.RateLimitError),
                             (500, anthropic.InternalServerError), (529, anthropic.InternalServerError)):
            with self.subTest(status), self.assertRaises(kind) as caught:
                client().messages.create(**ask(f"[[fault: {status}]]"))
            self.assertEqual(caught.exception.status_code, status)
        with self.assertRaises(anthropic.InternalServerError):
            client(world.lonely).messages.create(**ask("Hello."))

    def test_a_likely_jailbreak_is_answered_in_safe_mode(self):
        tools = [{"name": "act", "input_schema": {"type": "object", "properties": {}}}]
        message = client().messages.create(**ask(JAILBREAK, tools=tools))
        self.assertEqual(message.content[0].type, "text")
        self.assertNotIn("tools", world.model.last())


class Async(unittest.IsolatedAsyncioTestCase):
    async def test_the_asynchronous_client_streams_and_is_refused(self):
        asked = anthropic.AsyncAnthropic(base_url=world.gateway.url, api_key="sk-ant-conformance", max_retries=0)
        async with asked as client_:
            async with client_.messages.stream(**ask("One two.")) as stream:
                self.assertEqual(await stream.get_final_text(), "You said: One two.")
            with self.assertRaises(anthropic.BadRequestError):
                await client_.messages.create(**ask(ASK))


if __name__ == "__main__":
    unittest.main()
