"""uvicorn's protocol for a WebSocket, without its complaints about what clients do."""

from __future__ import annotations

from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

NOT_UTF8 = 1007


class QuietWebSocketProtocol(WebSocketsSansIOProtocol):
    """A WebSocket that was refused with an HTTP response has completed its handshake.

    uvicorn takes it for an application that forgot to answer, and logs an error. It also logs a traceback for a message
    that is not UTF-8.
    """

    async def send(self, message: Any) -> None:
        await super().send(message)
        if self.initial_response is not None and self.close_sent:
            self.handshake_complete = True

    def send_receive_event_to_app(self) -> None:
        if self.curr_msg_data_type == "text" and not self.close_sent:
            try:
                b"".join(self.frames).decode()
            except UnicodeDecodeError:
                self.conn.send_close(NOT_UTF8, "A text message must be UTF-8.")
                self.handle_parser_exception()
                return
        super().send_receive_event_to_app()
