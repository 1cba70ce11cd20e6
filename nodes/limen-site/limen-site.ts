import { LimenError } from "../../core/errors.ts";
import { defineNode } from "../lib/define-node.ts";
import { registry } from "../lib/registry.ts";
import type { SiteService } from "../lib/services.ts";
import { config, migrations, version } from "./config.ts";

export default defineNode({
  type: "limen-site",
  version,
  migrations,
  config,
  setup({ id, config: settings }) {
    const { site, controllerName, controllerContact, controllerAddress, ...others } = settings;
    // the rules and the papers read these from the flow itself
    const {
      feeOther: _,
      feeFace: __,
      privacyContact: ___,
      representative: ____,
      filings: _____,
      ...rest
    } = others;
    if (!isTimeZone(rest.timeZone)) {
      throw new LimenError("config-invalid", { field: "/timeZone", params: { field: "/timeZone" } });
    }
    const controller = {
      name: controllerName,
      contact: controllerContact,
      ...(controllerAddress === undefined ? {} : { address: controllerAddress }),
    };
    const service: SiteService = { site: { id: site, controller, ...rest } };
    registry.site(id, service.site);
    return { service };
  },
});

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en-US", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
