"""Dialogues recorded from Asterisk 22 (the fields that matter), in the hotline's words."""

from datetime import UTC, datetime

import pytest

from callcenter.domain.telephony import (
    CallEnded,
    CallLeftQueue,
    CallWaiting,
    QueueSnapshot,
    SeatConnected,
    SeatDevice,
    SeatReleased,
    SeatRingEnded,
    SeatRinging,
)
from ivr.ami.surveys import SurveyFailed, Surveys, survey_id
from ivr.ami.translate import Translator, channel_owner, devices, snapshot

NOW = datetime(2026, 11, 21, 12, 33, 11, tzinfo=UTC)
AT = {"Timestamp": str(NOW.timestamp())}
CALL = "ast1-1795264390.0"
QUEUE = {"Queue": "hotline-general", "Uniqueid": CALL, "Linkedid": CALL, "CallerIDNum": "13800138000"}
SEAT = {"Interface": "PJSIP/1027"}


def told(*events):
    translator = Translator(lambda: NOW)
    return [word for event in events for word in translator.translate({**AT, **event})]


JOIN = {"Event": "QueueCallerJoin", **QUEUE, "Position": "2", "Count": "2"}
RING = {"Event": "AgentCalled", **QUEUE, **SEAT}
LEAVE = {"Event": "QueueCallerLeave", **QUEUE, "Position": "1"}
CONNECT = {"Event": "AgentConnect", **QUEUE, **SEAT, "HoldTime": "3", "RingTime": "1"}
COMPLETE = {"Event": "AgentComplete", **QUEUE, **SEAT, "Reason": "caller", "TalkTime": "60"}
ABANDON = {"Event": "QueueCallerAbandon", **QUEUE, "Position": "1", "OriginalPosition": "1"}
END = {"Event": "Hangup", "Channel": "PJSIP/trunk-00000000", "Uniqueid": CALL, "Linkedid": CALL}
SEAT_END = {"Event": "Hangup", "Channel": "PJSIP/1027-1", "Uniqueid": "ast1-2.1", "Linkedid": CALL}


def test_a_served_call():
    assert told(JOIN, RING, LEAVE, CONNECT, COMPLETE, SEAT_END, END) == [
        CallWaiting(CALL, "general", 2, "13800138000", NOW),
        SeatRinging(CALL, "1027", "general", "13800138000", NOW),
        CallLeftQueue(CALL, "general", NOW),
        SeatConnected(CALL, "1027", "general", 0.0, NOW),
        SeatReleased(CALL, "1027", transferred=False, at=NOW),
        CallEnded(CALL, NOW),
    ]


def test_the_wait_is_exact_when_the_call_was_seen_joining_and_asterisks_own_otherwise():
    later = {"Timestamp": str(NOW.timestamp() + 2.25)}
    translator = Translator(lambda: NOW)
    translator.translate({**AT, **JOIN})
    (connected,) = translator.translate({**CONNECT, **later})
    assert connected.waited_s == 2.25
    assert told(CONNECT)[0].waited_s == 3.0


def test_a_citizen_who_leaves_while_a_seat_rings_ends_the_ringing():
    assert told(JOIN, RING, ABANDON, LEAVE)[2:] == [
        SeatRingEnded(CALL, "1027", abandoned=True, at=NOW),
        CallLeftQueue(CALL, "general", NOW),
    ]


def test_a_citizen_who_leaves_while_nobody_rings_ends_no_ringing():
    no_answer = {"Event": "AgentRingNoAnswer", **QUEUE, **SEAT, "RingTime": "5000"}
    assert told(RING, no_answer, ABANDON)[1:] == [SeatRingEnded(CALL, "1027", abandoned=False, at=NOW)]


@pytest.mark.parametrize("number", ["", "<unknown>", "anonymous"])
def test_a_withheld_number_is_empty(number):
    assert told({**JOIN, "CallerIDNum": number})[0].number == ""


TRANSFER = {
    "Event": "AttendedTransfer",
    "Result": "Success",
    "TransfereeLinkedid": CALL,
    "TransferTargetChannel": "PJSIP/1028-00000002",
    "TransferTargetUniqueid": "ast1-9.9",
}
CONSULT = {
    "Event": "DialEnd",
    "DialStatus": "ANSWER",
    "Context": "to-seat",
    "Channel": "Local/1028@seat-out-00000000;2",
    "Linkedid": CALL,
    "DestChannel": "PJSIP/1028-00000002",
    "DestUniqueid": "ast1-9.9",
}
OTHER_END = {"Event": "Hangup", "Channel": "PJSIP/1028-2", "Uniqueid": "ast1-9.9", "Linkedid": CALL}


def test_a_consulted_seat_takes_the_citizen_over():
    given = {**COMPLETE, "Reason": "transfer"}
    behind_local = {**TRANSFER, "TransferTargetChannel": "Local/1028@seat-out-00000000;1"}
    for transfer in (TRANSFER, behind_local):
        assert told(CONSULT, transfer, given, OTHER_END) == [
            SeatConnected(CALL, "1028", "", 0.0, NOW),
            SeatReleased(CALL, "1027", transferred=True, at=NOW),
            SeatReleased(CALL, "1028", transferred=False, at=NOW),
        ]


def test_a_transfer_that_failed_connects_nobody():
    assert told({**TRANSFER, "Result": "Fail"}) == []


@pytest.mark.parametrize("context", ["rejoin", "to-seat"])
def test_a_seat_that_the_citizens_own_channel_dials_is_connected(context):
    dialled = {**CONSULT, "Context": context, "Channel": "PJSIP/trunk-00000000"}
    assert told(dialled) == [SeatConnected(CALL, "1028", "", 0.0, NOW)]
    assert told({**dialled, "DialStatus": "BUSY"}) == []
    assert told({**dialled, "DestChannel": "PJSIP/trunk-1"}) == []


def test_a_call_back_belongs_to_the_seat_that_was_rung():
    rung = {
        "Event": "OriginateResponse",
        "ActionID": "dial:1027:cb-1",
        "Response": "Success",
        "Uniqueid": "cb-1",
    }
    answered = {
        "Event": "DialEnd",
        "DialStatus": "ANSWER",
        "Context": "callback",
        "Channel": "PJSIP/1027-00000001",
        "Uniqueid": "cb-1",
        "Linkedid": "cb-1",
        "DestChannel": "PJSIP/trunk-2",
    }
    over = {"Event": "Hangup", "Channel": "PJSIP/1027-00000001", "Uniqueid": "cb-1", "Linkedid": "cb-1"}
    assert told(rung, answered, over) == [
        SeatConnected("cb-1", "1027", "", 0.0, NOW),
        SeatReleased("cb-1", "1027", transferred=False, at=NOW),
        CallEnded("cb-1", NOW),
    ]
    refused = {**rung, "Response": "Failure", "Uniqueid": "<null>"}
    assert told(refused) == [SeatReleased("cb-1", "1027", transferred=False, at=NOW)]


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("Created", [SeatDevice("1001", True, NOW)]),
        ("Removed", [SeatDevice("1001", False, NOW)]),
        ("Unknown", []),
    ],
)
def test_a_softphone_comes_and_goes(status, words):
    event = {"Event": "ContactStatus", "EndpointName": "1001", "ContactStatus": status}
    assert told(event) == words
    assert told({**event, "EndpointName": "trunk"}) == []


def test_other_events_say_nothing():
    assert told({"Event": "Newchannel"}, {"Event": "FullyBooted"}, {}) == []


def test_a_snapshot_is_who_waits_who_serves_and_who_talks():
    queues = [
        {"Event": "QueueParams", "Queue": "hotline-general"},
        {"Event": "QueueMember", "Queue": "hotline-general", "Location": "PJSIP/1027", "Paused": "0"},
        {
            "Event": "QueueMember",
            "Queue": "hotline-general",
            "Location": "PJSIP/1028",
            "Paused": "1",
            "PausedReason": "break-meal",
        },
        {"Event": "QueueEntry", **QUEUE, "Uniqueid": "b", "Position": "2", "Wait": "1"},
        {"Event": "QueueEntry", **QUEUE, "Uniqueid": "a", "Position": "1", "Wait": "0"},
        {"Event": "QueueParams", "Queue": "hotline-dialect"},
    ]
    channels = [
        {
            "Channel": "PJSIP/trunk-1",
            "Uniqueid": "x",
            "Linkedid": "x",
            "BridgeId": "b1",
            "CallerIDNum": "13800138000",
        },
        {"Channel": "PJSIP/1027-2", "Linkedid": "x", "BridgeId": "b1"},
        {"Channel": "PJSIP/1028-3", "Linkedid": "y", "BridgeId": ""},
    ]
    seen = snapshot(queues, channels, NOW)
    assert isinstance(seen, QueueSnapshot)
    assert [call.call_id for call in seen.waiting["general"]] == ["a", "b"]
    assert (NOW - seen.waiting["general"][1].at).total_seconds() == 1
    assert seen.waiting["dialect"] == ()
    assert seen.members == {"general": {"1027": "", "1028": "break-meal"}, "dialect": {}}
    assert seen.talking == {"1027": "x"}
    assert seen.numbers == {"x": "13800138000"}


def test_devices_are_all_seats_and_not_the_trunk():
    endpoints = [
        {"ObjectName": "1001", "DeviceState": "Unavailable"},
        {"ObjectName": "1027", "DeviceState": "Not in use"},
        {"ObjectName": "trunk", "DeviceState": "Not in use"},
    ]
    assert devices(endpoints, NOW) == (SeatDevice("1001", False, NOW), SeatDevice("1027", True, NOW))


def test_owners_of_channels():
    owners = [channel_owner(name) for name in ("PJSIP/1027-0000001a", "PJSIP/a-b-1", "Local/1@x-1;2", "")]
    assert owners == ["1027", "a-b", "", ""]


SURVEY = survey_id("f1", "7a")
GIVEN_UP = {"Event": "OriginateResponse", "ActionID": SURVEY, "Response": "Failure", "Reason": "0"}


def after(*events):
    surveys = Surveys()
    return [word for event in events for word in surveys.translate(event)]


@pytest.mark.parametrize(
    ("cause", "reason"),
    [
        ("17", "busy"),
        ("21", "rejected"),
        ("19", "no_answer"),
        ("1", "unreachable"),
        ("38", "unreachable"),
        ("", "unreachable"),
    ],
)
def test_why_a_citizen_was_not_reached(cause, reason):
    end = {"Event": "Hangup", "Uniqueid": SURVEY, "ChannelStateDesc": "Ringing", "Cause": cause}
    assert after(end, GIVEN_UP) == [SurveyFailed("f1", reason)]


def test_a_leg_that_never_rang_is_out_of_reach():
    assert after(GIVEN_UP) == [SurveyFailed("f1", "unreachable")]


def test_the_end_of_another_leg_says_nothing_about_this_one():
    other = {"Event": "Hangup", "Uniqueid": survey_id("f1", "7b"), "ChannelStateDesc": "Down", "Cause": "17"}
    assert after(other, GIVEN_UP) == [SurveyFailed("f1", "unreachable")]


def test_a_survey_that_was_answered_did_not_fail():
    answered = {"Event": "OriginateResponse", "ActionID": SURVEY, "Response": "Success"}
    assert after(answered, {"Event": "Hangup", "Uniqueid": SURVEY, "ChannelStateDesc": "Up"}) == []


def test_a_call_back_that_failed_is_no_survey():
    assert after({**GIVEN_UP, "ActionID": "dial:1027:c1"}) == []
