"""A Modbus RTU relay on pymodbus: unit 1, coils 0 to 7. With "waveshare" as second argument it also knows the board's
"flash on" (function 5 at 0200h + relay, in tenths of a second); without it, it is a plain slave of the standard."""
import asyncio
import sys

from pymodbus.bit_write_message import WriteSingleCoilRequest, WriteSingleCoilResponse
from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext
from pymodbus.server.async_io import StartAsyncSerialServer
from pymodbus.transaction import ModbusRtuFramer


class Echo(WriteSingleCoilResponse):
    """Answers with the request's own bytes, as the board does."""

    def __init__(self, data=b"", **kwargs):
        super().__init__(**kwargs)
        self.data = data

    def encode(self):
        return self.data


class FlashOrWrite(WriteSingleCoilRequest):
    def decode(self, data):
        self.data = bytes(data[:4])
        super().decode(data)

    def execute(self, context):
        address = int.from_bytes(self.data[:2], "big")
        tenths = int.from_bytes(self.data[2:], "big")
        if not 0x0200 <= address <= 0x0207:
            return super().execute(context)
        coil = address - 0x0200
        context.setValues(5, coil, [True])
        asyncio.get_running_loop().call_later(tenths / 10, lambda: context.setValues(5, coil, [False]))
        return Echo(self.data)


async def main():
    slave = ModbusSlaveContext(co=ModbusSequentialDataBlock(0, [False] * 8), zero_mode=True)
    await StartAsyncSerialServer(
        context=ModbusServerContext(slaves={1: slave}, single=False),
        framer=ModbusRtuFramer,
        port=sys.argv[1],
        baudrate=9600,
        custom_functions=[FlashOrWrite] if sys.argv[2:] == ["waveshare"] else [],
    )


asyncio.run(main())
