"""A uvicorn server in the test's own loop, on a free loopback port; ended without waiting."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn


@asynccontextmanager
async def listening(server: uvicorn.Server) -> AsyncIterator[int]:
    """Serves, with no lifespan; yields its port."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
    config = server.config
    config.lifespan = "off"
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup(sockets=[listener])
    running = asyncio.create_task(server.main_loop())
    try:
        yield listener.getsockname()[1]
    finally:
        # uvicorn's own shutdown sleeps, and nothing here needs to be waited for
        for each in server.servers:
            each.close()
        for connection in list(server.server_state.connections):
            connection.transport.abort()
        left = [running, *server.server_state.tasks]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
