"""A password-protected RTSP camera for tests: prints its port, then streams a moving ball until it is ended."""
import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer

Gst.init(None)
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service("0")
factory = GstRtspServer.RTSPMediaFactory()
factory.set_launch(
    "( videotestsrc is-live=true pattern=ball ! "
    "video/x-raw,format=I420,width=320,height=240,framerate=10/1 ! jpegenc ! rtpjpegpay name=pay0 pt=26 )"
)
factory.set_shared(True)
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
GLib.MainLoop().run()
