"""What a person typed cannot speak in a stream's name."""

from corridor.web.stream import message


def test_a_line_break_of_any_kind_begins_no_field_of_its_own() -> None:
    told = message("card", "hi\rid: 9\r\nevent: bye\nretry: 1", 7).decode()
    assert told == (
        "event: card\nid: 7\ndata: hi\ndata: id: 9\ndata: event: bye\ndata: retry: 1\n\n"
    )
