"""What operations staff are told of the message broker where there is none; where there is one, see `downstream`."""

from __future__ import annotations

from tests.infrastructure.http.a_house import House, answered


def test_without_a_broker_operations_are_told_that_there_is_none(house: House) -> None:
    told = answered(house.caller("derby").get("/v1/ops/broker"))
    assert told == {
        "state": "off",
        "stream": "EVENHAND_DERBY",
        "subjects": "evenhand.derby.>",
        "position": 0,
        "head": house.head("derby"),
        "sequence": 0,
        "since": None,
        "detail": None,
    }


def test_only_who_operates_is_told(house: House) -> None:
    response = house.caller("derby", "reader", frozenset({"read"})).get("/v1/ops/broker")
    assert response.status_code == 403
