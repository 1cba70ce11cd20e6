import type { IncomingMessage } from "node:http";
import { fileURLToPath } from "node:url";
import { type RequestHandler, Router } from "express";
import { strictTransport } from "./headers.ts";
import { logRouter } from "./log.ts";
import { pagesRouter } from "./pages.ts";
import type { ApiDeps } from "./route.ts";
import { apiRouter } from "./router.ts";
import { speaksHttps } from "./session.ts";

let mounted: Router | undefined;

/**
 * Everything of ours under the root: `/api/v1`, `/log`, the pages. Used twice: by the plugin on Node-RED's own HTTP
 * side, and through `front` before it.
 */
export function mount(deps: ApiDeps & { audit: string; pages?: string }): Router {
  const router = Router({ caseSensitive: true });
  const secure = (req: IncomingMessage) => speaksHttps(req, deps.addresses, deps.cameByHttps);
  router.use(strictTransport(secure));
  router.use("/api/v1", apiRouter(deps));
  router.use("/log", logRouter(deps.audit));
  router.use(pagesRouter(deps.pages ?? fileURLToPath(new URL("../../pages", import.meta.url)), secure));
  mounted = router;
  return router;
}

/**
 * For `httpAdminMiddleware`: the editor's application stands at `/` too, and reads and refuses JSON bodies before
 * ours would see them. This hands a request to our router first; what is not ours goes on.
 */
export const front: RequestHandler = (req, res, next) => {
  if (mounted) mounted(req, res, next);
  else next();
};
