"""The models' APIs as tests need them: where a text can stand in a request, and what a client makes of an answer."""
import http.client
import json

import harness

SCHEMA = {"type": "object", "properties": {"to": {"type": "string"}}}


class Answer:
    """What a client reads, whichever way it came."""

    def __init__(self, api, response):
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.raw = response.read().decode()
        self.text = ""
        self.arguments = ""   # of a tool call, JSON
        self.finish = None    # why the model stopped, in the API's word
        self.error = None     # the API's error object
        self.ended = True     # as the API says that answers end
        self.events = []
        self.json = None
        if self.headers.get("content-type", "").startswith("text/event-stream"):
            self.ended = False
            self.events = harness.read_events(self.raw)
            for event in self.events:
                api.read_event(self, event)
        else:
            self.json = json.loads(self.raw)
            self.error = self.json.get("error")
            if self.error is None:
                api.read_whole(self, self.json)

    def __repr__(self):
        return f"{self.status} {self.raw[-600:]!r}"


class Api:
    """Bodies are made by `places`: each puts a text where a model would read it."""
    streams = True
    has_tools = True
    model = "m"

    def ask(self, at, body, stream=False, headers=None, timeout=harness.PATIENCE, connection=None):
        path, body = self.route(body, stream)
        own = connection or http.client.HTTPConnection(harness.LOOPBACK, at.port, timeout=timeout)
        try:
            own.request("POST", path, json.dumps(body).encode(),
                        {"Content-Type": "application/json", **(headers or {})})
            return Answer(self, own.getresponse())
        finally:
            if connection is None:
                own.close()

    def route(self, body, stream):
        return self.path, {**body, "stream": True} if stream else body

    def say(self, at, text, stream=False, **options):
        return self.ask(at, self.prompt(text), stream, **options)

    def prompt(self, text):
        return next(iter(self.places.values()))(text)

    def call(self, at, arguments, stream=False, more="", **options):
        """Has the model call a tool with these arguments."""
        text = json.dumps(arguments, ensure_ascii=False).replace("{", "{ ", 1)  # "eyJ" would look like a token
        asked = f"[[args64: {harness.b64(text)}]]{more}"
        return self.ask(at, {**self.prompt(asked), "tools": self.tools("a tool")}, stream, **options)


class Chat(Api):
    surface, path, withheld, stopped = "chat.completions", "/v1/chat/completions", "content_filter", "stop"

    @staticmethod
    def tools(description):
        return [{"type": "function", "function": {"name": "f", "description": description, "parameters": SCHEMA}}]

    @staticmethod
    def messages(*messages, **more):
        return {"model": "m", "messages": [{"role": role, "content": content} for role, content in messages], **more}

    @staticmethod
    def called(arguments, result):
        call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": json.dumps(arguments)}}
        return {"model": "m", "messages": [{"role": "user", "content": "hi"},
                                           {"role": "assistant", "content": None, "tool_calls": [call]},
                                           {"role": "tool", "tool_call_id": "c1", "content": result}]}

    places = {
        "user": lambda t: Chat.messages(("user", t)),
        "part": lambda t: Chat.messages(("user", [{"type": "text", "text": "hi"}, {"type": "text", "text": t}])),
        "system": lambda t: Chat.messages(("system", t), ("user", "hi")),
        "developer": lambda t: Chat.messages(("developer", t), ("user", "hi")),
        "assistant": lambda t: Chat.messages(("user", "hi"), ("assistant", t)),
        "tool result": lambda t: Chat.called({}, t),
        "tool arguments": lambda t: Chat.called({"to": t}, "done"),
        "tool definition": lambda t: Chat.messages(("user", "hi"), tools=Chat.tools(t)),
    }

    def read_whole(self, answer, body):
        choice = body["choices"][0]
        answer.text = choice["message"].get("content") or ""
        answer.arguments = "".join(c["function"]["arguments"] for c in choice["message"].get("tool_calls") or [])
        answer.finish = choice["finish_reason"]

    def read_event(self, answer, event):
        answer.ended = event.data == "[DONE]"
        if answer.ended:
            return
        chunk = json.loads(event.data)
        answer.error = chunk.get("error", answer.error)
        for choice in chunk.get("choices", []):
            self.read_choice(answer, choice)

    @staticmethod
    def read_choice(answer, choice):
        answer.text += choice["delta"].get("content") or ""
        for call in choice["delta"].get("tool_calls") or []:
            answer.arguments += call["function"].get("arguments", "")
        answer.finish = choice["finish_reason"] or answer.finish


class Messages(Api):
    surface, path, withheld, stopped = "messages", "/v1/messages", "refusal", "end_turn"

    @staticmethod
    def tools(description):
        return [{"name": "f", "description": description, "input_schema": SCHEMA}]

    @staticmethod
    def messages(*messages, **more):
        return {**Chat.messages(*messages), "max_tokens": 100_000, **more}

    @staticmethod
    def called(arguments, result):
        return Messages.messages(
            ("user", "hi"), ("assistant", [{"type": "tool_use", "id": "t1", "name": "f", "input": arguments}]),
            ("user", [{"type": "tool_result", "tool_use_id": "t1", "content": result}]))

    places = {
        "user": lambda t: Messages.messages(("user", t)),
        "part": lambda t: Messages.messages(("user", [{"type": "text", "text": "hi"}, {"type": "text", "text": t}])),
        "system": lambda t: Messages.messages(("user", "hi"), system=t),
        "system part": lambda t: Messages.messages(("user", "hi"), system=[{"type": "text", "text": t}]),
        "assistant": lambda t: Messages.messages(("user", "hi"), ("assistant", t)),
        "tool result": lambda t: Messages.called({}, t),
        "tool arguments": lambda t: Messages.called({"to": t}, "done"),
        "tool definition": lambda t: Messages.messages(("user", "hi"), tools=Messages.tools(t)),
        "document": lambda t: Messages.messages(("user", [{"type": "document", "source": {
            "type": "text", "media_type": "text/plain", "data": t}}, {"type": "text", "text": "hi"}])),
    }

    def read_whole(self, answer, body):
        answer.text = "".join(block.get("text", "") for block in body.get("content", []))
        inputs = [block["input"] for block in body.get("content", []) if block["type"] == "tool_use"]
        answer.arguments = "".join(json.dumps(i, ensure_ascii=False) for i in inputs)
        answer.finish = body.get("stop_reason")

    def read_event(self, answer, event):
        data = json.loads(event.data)
        assert data["type"] == event.name, event
        answer.ended = event.name in ("message_stop", "error")
        answer.error = data.get("error", answer.error)
        delta = data.get("delta", {})
        answer.text += delta.get("text", "")
        answer.arguments += delta.get("partial_json", "")
        answer.finish = delta.get("stop_reason") or answer.finish


class Responses(Api):
    surface, path, withheld, stopped = "responses", "/v1/responses", "content_filter", "completed"

    @staticmethod
    def tools(description):
        return [{"type": "function", "name": "f", "description": description, "parameters": SCHEMA}]

    @staticmethod
    def items(*items, **more):
        return {"model": "m", "input": list(items), **more}

    @staticmethod
    def message(role, text):
        kind = "output_text" if role == "assistant" else "input_text"
        return {"type": "message", "role": role, "content": [{"type": kind, "text": text}]}

    @staticmethod
    def called(arguments, result):
        return Responses.items(
            Responses.message("user", "hi"),
            {"type": "function_call", "call_id": "c1", "name": "f", "arguments": json.dumps(arguments)},
            {"type": "function_call_output", "call_id": "c1", "output": result})

    places = {
        "input": lambda t: {"model": "m", "input": t},
        "user": lambda t: Responses.items(Responses.message("user", t)),
        "plain message": lambda t: Responses.items({"role": "user", "content": t}),
        "system": lambda t: {"model": "m", "input": "hi", "instructions": t},
        "developer": lambda t: Responses.items(Responses.message("developer", t), Responses.message("user", "hi")),
        "assistant": lambda t: Responses.items(Responses.message("user", "hi"), Responses.message("assistant", t)),
        "tool result": lambda t: Responses.called({}, t),
        "tool arguments": lambda t: Responses.called({"to": t}, "done"),
        "tool definition": lambda t: {"model": "m", "input": "hi", "tools": Responses.tools(t)},
    }

    def read_whole(self, answer, body):
        for item in body["output"]:
            answer.text += "".join(part.get("text", "") for part in item.get("content", []))
            answer.arguments += item.get("arguments", "")
        answer.finish = (body.get("incomplete_details") or {}).get("reason", body["status"])

    def read_event(self, answer, event):
        data = json.loads(event.data)
        assert data["type"] == event.name, event
        if event.name == "response.output_text.delta":
            answer.text += data["delta"]
        elif event.name == "response.function_call_arguments.delta":
            answer.arguments += data["delta"]
        elif event.name in ("response.completed", "response.incomplete"):
            repeated = type("Repeated", (), {"text": "", "arguments": "", "finish": None})()
            self.read_whole(repeated, data["response"])
            assert (repeated.text, repeated.arguments) == (answer.text, answer.arguments), (repeated.text, answer.text)
            answer.finish = repeated.finish
        elif event.name in ("error", "response.failed"):
            answer.error = data.get("error") or data.get("response", {}).get("error") or data
        answer.ended = event.name in ("response.completed", "response.incomplete", "response.failed", "error")


class Completions(Api):
    surface, path, withheld, stopped = "completions", "/v1/completions", "content_filter", "stop"
    has_tools = False
    places = {
        "prompt": lambda t: {"model": "m", "prompt": t},
        "one of prompts": lambda t: {"model": "m", "prompt": ["hi", t]},
        "suffix": lambda t: {"model": "m", "prompt": "hi", "suffix": t},
    }

    def read_whole(self, answer, body):
        answer.text, answer.finish = body["choices"][0]["text"], body["choices"][0]["finish_reason"]

    def read_event(self, answer, event):
        Chat.read_event(self, answer, event)

    @staticmethod
    def read_choice(answer, choice):
        answer.text += choice["text"]
        answer.finish = choice["finish_reason"] or answer.finish


class Completion(Api):
    surface, withheld, stopped = "proxy.completion", None, None
    has_tools = False
    places = {"prompt": lambda t: {"model": "m", "prompt": t}}

    def route(self, body, stream):
        return "/proxy/completion" + ("/stream" if stream else ""), body

    def read_whole(self, answer, body):
        answer.text = body["content"]

    def read_event(self, answer, event):
        answer.ended = True
        if event.name == "error":
            answer.error = json.loads(event.data)["error"]
        elif event.data != "[DONE]":
            answer.text += event.data


class CountTokens(Messages):
    surface, path, streams = "messages.count_tokens", "/v1/messages/count_tokens", False

    def read_whole(self, answer, body):
        answer.text = str(body["input_tokens"])


class Embeddings(Api):
    surface, path, streams, has_tools = "embeddings", "/v1/embeddings", False, False
    places = {
        "input": lambda t: {"model": "m", "input": t},
        "one of inputs": lambda t: {"model": "m", "input": ["hi", t]},
    }

    def read_whole(self, answer, body):
        answer.text = ""


CHAT, MESSAGES, RESPONSES, COMPLETIONS, COMPLETION = Chat(), Messages(), Responses(), Completions(), Completion()
GENERATING = [CHAT, MESSAGES, RESPONSES, COMPLETIONS, COMPLETION]
EVERY = [*GENERATING, CountTokens(), Embeddings()]
WITH_TOOLS = [api for api in GENERATING if api.has_tools]


def ways(apis):
    """Each API, streamed and not."""
    return [(api, stream) for api in apis for stream in ((False, True) if api.streams else (False,))]
