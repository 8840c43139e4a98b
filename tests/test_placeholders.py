"""What redaction takes out of a request comes back in the answer to that request, and in no other."""
import asyncio
import http.client
import io
import json
import re
import unittest

import harness
from apis import CHAT, COMPLETION, GENERATING, MESSAGES, RESPONSES, WITH_TOOLS, Answer, ways
from harness import AWS_KEY, CARD, EMAIL, Gateway, Model, say

PLACEHOLDER = re.compile(r"\[[A-Z_]+_\d+_[a-z0-9]{6}\]")
PRIVATE_KEY = "-----BEGIN PRIVATE" + " KEY-----\nMIIkx7QmZ2t9Wb4Vn8Rp1Ls6Yd3\n-----END PRIVATE" + " KEY-----"
VALUES = [EMAIL, CARD, AWS_KEY]
CROWD = harness.number_from("PLIMSOLL_CROWD", 1_000)


def setUpModule():
    global model, gateway
    model = Model()
    unittest.addModuleCleanup(model.close)
    gateway = Gateway(upstream=model.url, policy=harness.REDACTING)
    unittest.addModuleCleanup(gateway.close)


class RoundTrip(unittest.TestCase):
    def check_hidden(self, *values):
        sent = model.last_text()
        for value in values:
            self.assertNotIn(value, sent)
            self.assertNotIn(json.dumps(value)[1:-1], sent)
        return PLACEHOLDER.findall(sent)

    def test_values_never_reach_the_model_and_come_back_in_the_text(self):
        text = f"é {EMAIL}, card {CARD} or {AWS_KEY}! 漢字"
        for api, stream in ways(GENERATING):
            for size in range(1, 41, 3) if stream else (1,):
                with self.subTest(api=api.surface, stream=stream, size=size):
                    answer = api.say(gateway, f"{text}[[chunks: {size}]]", stream)
                    self.assertEqual(answer.text, f"You said: {text}", answer)
                    self.assertEqual((answer.finish, answer.error, answer.ended), (api.stopped, None, True))
                    self.assertEqual(len(self.check_hidden(*VALUES)), 3)

    def test_they_come_back_in_tool_arguments_which_stay_json(self):
        for api, stream in ways(WITH_TOOLS):
            for size in range(1, 30, 4) if stream else (1,):
                with self.subTest(api=api.surface, stream=stream, size=size):
                    text = f"Call the tool with {EMAIL} and {PRIVATE_KEY} now"
                    body = {**api.prompt(f"{text}[[chunks: {size}]]"), "tools": api.tools("a tool")}
                    answer = api.ask(gateway, body, stream)
                    self.assertEqual(json.loads(answer.arguments), {"to": text}, answer)
                    self.assertTrue(answer.ended)
                    self.check_hidden(EMAIL, PRIVATE_KEY)

    def test_the_same_value_has_the_same_placeholder_wherever_it_stands(self):
        for api in (CHAT, MESSAGES, RESPONSES):
            for place in ("system", "assistant", "tool result", "tool arguments", "tool definition"):
                with self.subTest(api=api.surface, place=place):
                    body = {**api.places[place](f"{EMAIL} {CARD} {EMAIL}"), "metadata": {"note": "none"}}
                    self.assertEqual(api.ask(gateway, body).status, 200)
                    first, card, second = self.check_hidden(*VALUES)
                    self.assertEqual(first, second)
                    self.assertNotEqual(first, card)
                    self.assertRegex(first, r"^\[EMAIL_ADDRESS_\d+_")
                    self.assertRegex(card, r"^\[CREDIT_CARD_\d+_")
                    self.assertEqual(first[-8:], card[-8:])  # one mark for the whole request

    def test_no_two_requests_mark_alike(self):
        marks = set()
        for _ in range(20):
            CHAT.say(gateway, EMAIL)
            marks |= {found[-7:-1] for found in self.check_hidden(EMAIL)}
        self.assertEqual(len(marks), 20)

    def test_another_requests_placeholder_is_not_filled_in(self):
        CHAT.say(gateway, f"I am {EMAIL}")
        foreign, = self.check_hidden(EMAIL)
        guesses = [foreign, foreign.replace("_1_", "_2_"), "[EMAIL_ADDRESS]", "[EMAIL_ADDRESS_1]"]
        for api, stream in ways(GENERATING):
            for guess in guesses:
                with self.subTest(api=api.surface, stream=stream, guess=guess):
                    answer = api.say(gateway, f"{CARD} {say(f'It is {guess}.')}[[chunks: 3]]", stream)
                    self.assertEqual(answer.text, f"It is {guess}.")
                    answer = api.say(gateway, f"my {CARD} and {guess}[[chunks: 3]]", stream)
                    self.assertEqual(answer.text, f"You said: my {CARD} and {guess}")

    def test_what_the_model_makes_up_is_redacted_beside_what_comes_back(self):
        for api, stream in ways(GENERATING):
            with self.subTest(api=api.surface, stream=stream):
                answer = api.say(gateway, f"{EMAIL} {say(f'Try {AWS_KEY} and')}[[chunks: 3]]", stream)
                self.assertEqual(answer.text, "Try [AWS_ACCESS_KEY] and")

    def test_a_policy_may_keep_what_it_took(self):
        with open(harness.REDACTING, encoding="utf-8") as file:
            final = file.read().replace('pattern: "[{entity}]"', 'pattern: "[{entity}]"\n    restore: false')
        self.assertIn("restore: false", final)
        with Gateway(upstream=model.url, policy=gateway.write("final.yaml", final)) as keeping:
            for api, stream in ways(GENERATING):
                with self.subTest(api=api.surface, stream=stream):
                    answer = api.say(keeping, f"I am {EMAIL}", stream)
                    self.assertEqual(answer.text, "You said: I am [EMAIL_ADDRESS]")

    def test_no_value_is_in_the_records_or_the_programs_own_log(self):
        CHAT.say(gateway, f"I am {EMAIL}", True)
        kept = harness.read_tree(gateway.data) + gateway.stderr().encode()
        for value in VALUES:
            self.assertNotIn(value.encode(), kept)


class Bytes:
    """What http.client reads an answer from."""

    def __init__(self, received):
        self.received = received

    def makefile(self, *_):
        return io.BytesIO(self.received)


async def exchange(port, path, body):
    reader, writer = await asyncio.open_connection(harness.LOOPBACK, port)
    try:
        payload = json.dumps(body).encode()
        writer.write(f"POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n"
                     f"Content-Length: {len(payload)}\r\n\r\n".encode() + payload)
        return await reader.read(-1)
    finally:
        writer.close()


class Crowd(unittest.TestCase):
    def test_a_thousand_requests_at_once_get_their_own_values_and_no_others(self):
        CHAT.say(gateway, f"I am {EMAIL}")
        foreign, = PLACEHOLDER.findall(model.last_text())
        kinds = ways([CHAT, MESSAGES, RESPONSES, COMPLETION])

        async def one(number):
            api, stream = kinds[number % len(kinds)]
            own = f"user{number}@mail{number % 7}.example.com"
            text = f"I am {own} and not {foreign}, {own}"
            path, body = api.route(api.prompt(f"{text}[[first-delay: 1500ms]][[chunks: {number % 9 + 1}]]"), stream)
            response = http.client.HTTPResponse(Bytes(await exchange(gateway.port, path, body)))
            response.begin()
            answer = Answer(api, response)
            wrong = answer.status != 200 or answer.text != f"You said: {text}" or not answer.ended
            return f"{api.surface} {number}: {answer}" if wrong else None

        async def all_of_them():
            return [w for w in await asyncio.gather(*(one(n) for n in range(CROWD))) if w]

        self.assertEqual(asyncio.run(asyncio.wait_for(all_of_them(), 60))[:3], [])


if __name__ == "__main__":
    unittest.main()
