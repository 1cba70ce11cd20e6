// What every generated form shares. Listed first among the plugins, so that it is there when nodes register.
import { extend, register } from "../lib/editor/register.ts";

window.limen = { register, extend };

$("head").append(
  `<style>
    .limen-hint { max-width: 480px; margin: 2px 0 0 105px; color: var(--red-ui-secondary-text-color, #666); font-size: 12px; }
    .limen-field { display: inline-block; width: 70%; vertical-align: top; }
    .limen-field > .red-ui-editableList .red-ui-editableList-item-content > input { width: 90% !important; }
    [id^="limen-row-"] > select { width: 70%; }
    .limen-field .red-ui-editableList-container { min-height: 40px; }
    .limen-warning { margin-top: 4px; font-weight: bold; color: var(--red-ui-text-color-error, #ad1625); }
    .limen-sentences { margin: 8px 0; padding: 8px 12px; border-left: 3px solid #f2d488; }
  </style>`,
);
