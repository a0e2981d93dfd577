"""``ModelInfer``: a request is read, checked, waits for its turn, and goes on to Triton."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

import grpc

from scanserve.contracts import ModelSpec
from scanserve.contracts.announced import ANNOUNCED_HEADER, read_announced
from scanserve.contracts.sharedmemory import WORTH_IT
from scanserve.server.gate.admission import Line
from scanserve.server.gate.background import Background
from scanserve.server.gate.call import Call
from scanserve.server.gate.counts import Counts
from scanserve.server.gate.head import Head, Input, Window, read_head
from scanserve.server.gate.message import Outgoing, Source
from scanserve.server.gate.refusal import Refusal, invalid
from scanserve.server.gate.regions import Region, Regions
from scanserve.server.gate.rules import check_request
from scanserve.server.gate.uploads import Uploads
from scanserve.server.gate.upstream import INFER_S, Upstream
from scanserve.server.gate.values import check_values, is_small
from scanserve.server.gate.wire import split

__all__ = ["Inference", "Served"]


@dataclass(frozen=True)
class Served:
    """A model behind the gate, its line, and the most bytes that the inputs of one request may have."""

    spec: ModelSpec
    line: Line
    most_bytes: int


class Inference:
    """Answers ``ModelInfer``; without ``uploads`` tensors that came in a message go on in one."""

    def __init__(
        self,
        upstream: Upstream,
        models: Mapping[str, Served],
        regions: Regions,
        uploads: Uploads | None,
        background: Background,
        counts: Counts,
    ) -> None:
        self._upstream = upstream
        self._models = models
        self._regions = regions
        self._uploads = uploads
        self._background = background
        self._counts = counts
        self._stuck: list[contextlib.AsyncExitStack] = []

    def check(self, metadata: Mapping[str, str]) -> None:
        """Refuse a request that announces itself where too many wait, before its message is received.

        Raises:
            Refusal: ``RESOURCE_EXHAUSTED``.
        """
        model, items = read_announced(metadata.get(ANNOUNCED_HEADER, "")) or ("", 0)
        served = self._models.get(model)
        if served is None or items > max(1, served.spec.max_batch_size):
            return  # its message says what is wrong with it
        try:
            served.line.check(items)
        except Refusal as refusal:
            self._counts.note(served.spec.name, refusal.status.name.lower())
            raise

    async def __call__(self, call: Call) -> bytes:
        """The answer to one request.

        Raises:
            Refusal: ``INVALID_ARGUMENT`` or ``NOT_FOUND`` for what is wrong with it, ``RESOURCE_EXHAUSTED``
                where too many wait, ``DEADLINE_EXCEEDED`` where its time is up before it could start, and
                whatever Triton answers.
        """
        model = ""
        try:
            head = read_head(split(call.message))
            served = self._served(head.model)
            model = served.spec.name
            answer = await self._answer(served, head, call)
        except Refusal as refusal:
            self._counts.note(model, refusal.status.name.lower())
            raise
        except asyncio.CancelledError:
            self._counts.note(model, "caller_gone")
            raise
        self._counts.note(model, "ok")
        return answer

    async def _answer(self, served: Served, head: Head, call: Call) -> bytes:
        items = check_request(served.spec, head)
        size = sum(tensor.size for tensor in head.inputs)
        if size > served.most_bytes:
            raise invalid(f"a request for {head.model} must have at most {served.most_bytes} bytes.")
        async with contextlib.AsyncExitStack() as stack:
            stack.callback(self._drop_unused)
            regions = stack.enter_context(self._regions.using(head.windows))
            request = _checked(served.spec, head, regions)
            await served.line.enter(items)
            work = self._run(served.line, items, request, call, stack.pop_all())
            return await self._background.finish(work)

    async def _run(
        self, line: Line, items: int, request: Outgoing, call: Call, stack: contextlib.AsyncExitStack
    ) -> bytes:
        """Send a request whose turn it is.

        Triton works on when a call is cancelled, so the place and the regions are given back when it
        answers, not when the caller goes.
        """
        clock = asyncio.get_running_loop().time
        start, took_s = clock(), None
        try:
            async with stack:
                remaining = call.remaining()
                if remaining is not None and remaining <= 0:
                    raise Refusal(
                        grpc.StatusCode.DEADLINE_EXCEEDED, "the time was up before the request could start."
                    )
                answer = await self._forward(request, stack)
                took_s = clock() - start
                return answer
        finally:
            line.leave(items, took_s)

    async def _forward(self, request: Outgoing, stack: contextlib.AsyncExitStack) -> bytes:
        request = await self._uploaded(request, stack)
        try:
            return await self._upstream.call("ModelInfer", request.to_bytes(), INFER_S)
        except Refusal as refusal:
            if refusal.status is grpc.StatusCode.DEADLINE_EXCEEDED:
                self._stuck.append(stack.pop_all())  # Triton may still read these regions: never given back
            raise

    async def _uploaded(self, request: Outgoing, stack: contextlib.AsyncExitStack) -> Outgoing:
        """The request with its large contents in shared memory, where that is worth it and there is room."""
        large = {name: source for name, source in request.sources.items() if isinstance(source, memoryview)}
        if self._uploads is None or sum(content.nbytes for content in large.values()) < WORTH_IT:
            return request
        try:
            windows = await stack.enter_async_context(self._uploads.holding(list(large.values())))
        except OSError:
            return request
        sources = {**request.sources, **dict(zip(large, windows, strict=True))}
        return replace(request, sources=sources)

    def _served(self, name: str) -> Served:
        if name not in self._models:
            raise Refusal(grpc.StatusCode.NOT_FOUND, f"there is no model {name[:64]!r} here.")
        return self._models[name]

    def _drop_unused(self) -> None:
        for region in self._regions.unused():
            self._background.start(drop(self._upstream, region))


async def drop(upstream: Upstream, region: Region) -> None:
    """Take a region that nobody uses from Triton."""
    await upstream.unregister(region.inner)
    region.close()


def _checked(spec: ModelSpec, head: Head, regions: Mapping[str, Region]) -> Outgoing:
    """The request for Triton: values of small tensors checked and copied, regions by Triton's names."""
    sources: dict[str, Source] = {}
    for tensor in head.inputs:
        contract = spec.input(tensor.name)
        if is_small(contract):
            content = _content(tensor, regions)
            check_values(contract, tensor, content)
            sources[tensor.name] = content
        elif isinstance(tensor.source, Window):
            sources[tensor.name] = regions[tensor.source.region].seen_by_triton(tensor.source)
        else:
            sources[tensor.name] = tensor.source
    targets = {
        output.name: regions[output.target.region].seen_by_triton(output.target)
        for output in head.outputs
        if output.target is not None
    }
    return Outgoing(head, sources, targets)


def _content(tensor: Input, regions: Mapping[str, Region]) -> bytes:
    if isinstance(tensor.source, Window):
        return regions[tensor.source.region].read(tensor.source)
    return bytes(tensor.source)
