"""A password-protected RTSP camera for tests: prints its port, then streams a moving ball until it is ended.

Arguments: port (0: any), width, height. A line "freeze" on standard input lets the picture stand still.
"""
import sys
import threading

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer

port, width, height = (sys.argv[1:] + ["0", "320", "240"][len(sys.argv) - 1 :])[:3]
Gst.init(None)
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service(port)
factory = GstRtspServer.RTSPMediaFactory()
factory.set_launch(
    "( videotestsrc name=scene is-live=true pattern=ball ! "
    f"video/x-raw,format=I420,width={width},height={height},framerate=10/1 ! jpegenc ! rtpjpegpay name=pay0 pt=26 )"
)
factory.set_shared(True)
scenes = []
factory.connect("media-configure", lambda _, media: scenes.append(media.get_element().get_child_by_name("scene")))
permissions = GstRtspServer.RTSPPermissions()
for what in ("media.factory.access", "media.factory.construct"):
    permissions.add_permission_for_role("user", what, True)
factory.set_permissions(permissions)
token = GstRtspServer.RTSPToken()
token.set_string("media.factory.role", "user")
auth = GstRtspServer.RTSPAuth()
auth.add_basic(GstRtspServer.RTSPAuth.make_basic("installer", "p@ss/word"), token)
server.set_auth(auth)
server.get_mount_points().add_factory("/door", factory)
server.attach(None)
print(server.get_bound_port(), flush=True)


def obey():
    for line in sys.stdin:
        if line.strip() == "freeze":
            for scene in scenes:
                scene.set_property("pattern", 2)


threading.Thread(target=obey, daemon=True).start()
GLib.MainLoop().run()
