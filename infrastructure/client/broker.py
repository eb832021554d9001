"""Follows a landlord's stream in NATS JetStream with a place of one's own, in the order of the log.

The stream keeps no place for this follower: the store does, together with what the events did. So nothing that was
taken comes again, and nothing is passed over, however either side ends. For work shared out among several processes
use a durable consumer of the broker's own instead, and tell events apart by case and version.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.errors import APIError, NotFoundError

from .events import event_of
from .follower import Follower
from .service import Page, Unavailable

AT_ONCE: Final = 500  # messages
PATIENCE: Final = 5.0  # seconds, after which an idle follower looks whether it is over, or its consumer gone
MADE_ANEW: Final = 0.2  # seconds between two looks at a stream that was taken away
FORGOTTEN_AFTER: Final = 300.0  # seconds without a question, after which the broker drops this consumer


async def follow(
    jetstream: JetStreamContext, stream: str, subject: str, follower: Follower, over: Callable[[], bool]
) -> None:
    """Take what the stream has under a subject, batch by batch, until it is over.

    The follower's cursor is the stream's birth and a number in it: a stream that was made anew is followed anew. A
    stream that is not there is waited for. That its consumer went, alone or with the stream, or that a message was
    lost on the way, shows within `PATIENCE` and the time of an answer; then it goes on from its place.

    A broker that is away meanwhile is waited for as long as the library connects to it again. Raises the library's
    errors when it cannot be reached in the beginning, or is given up.
    """
    while not over():
        try:
            info = await jetstream.stream_info(stream)
        except NotFoundError:
            await asyncio.sleep(MADE_ANEW)
            continue
        born = str(info.created)
        with suppress(Unavailable):  # the service was asked for long enough; the place is kept, and it is asked again
            await asyncio.to_thread(follower.begin, _cursor(born, info.state.last_seq))
            known, _, number = (follower.place.cursor or _cursor(born, 0)).rpartition("/")
            if known != born or int(number) > info.state.last_seq:
                await asyncio.to_thread(follower.start_over)
                continue
            await _from(jetstream, stream, subject, follower, over, born, int(number))


async def _from(
    jetstream: JetStreamContext,
    stream: str,
    subject: str,
    follower: Follower,
    over: Callable[[], bool],
    born: str,
    after: int,
) -> None:
    """Take batches from a number on, until it is over, a message was lost on the way, or the consumer is gone."""
    wanted = ConsumerConfig(
        deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
        opt_start_seq=after + 1,
        ack_policy=AckPolicy.NONE,
        inactive_threshold=FORGOTTEN_AFTER,
    )
    try:
        pulled = await jetstream.pull_subscribe(subject, stream=stream, config=wanted)
    except NotFoundError:  # the stream went this moment
        return
    delivered = 0
    try:
        while not over():
            try:
                messages = await pulled.fetch(AT_ONCE, timeout=PATIENCE)
            except TimeoutError:  # nothing came; the library raises its own or the plain one, as it happens
                await asyncio.to_thread(follower.idle)
                # A question may be lost with the consumer that it was for, and what was sent to a connection that
                # broke is not sent again: without asking, neither shows before something else comes.
                try:
                    sent = (await pulled.consumer_info()).delivered
                    if sent is None or sent.consumer_seq != delivered:
                        return
                except NotFoundError:
                    return
                except TimeoutError:  # the broker is away, and the library connects to it again
                    pass
                continue
            except APIError:  # nobody answers for a consumer that is gone, perhaps with its stream
                return
            if not messages:  # it went while we waited
                return
            first, last = messages[0].metadata.sequence, messages[-1].metadata.sequence
            if first.consumer != delivered + 1 or last.consumer != delivered + len(messages):
                return
            delivered = last.consumer
            events = tuple(event_of(json.loads(message.data)) for message in messages)
            page = Page(events, _cursor(born, last.stream))
            await asyncio.to_thread(follower.take, page, events[-1].sequence)
    finally:
        await pulled.unsubscribe()


def _cursor(born: str, number: int) -> str:
    return f"{born}/{number}"
