/** Everything a page needs, in one bundle. */

import "htmx.org";
import "./shell.ts";
import "./list.ts";
import "./imports.ts";
import "../fields/date-field.ts";
import "../fields/reference-field.ts";
import "../fields/references-field.ts";
import "../lines/grid.ts";
import "../form/document.ts";
import { showKept } from "./toast.ts";

showKept();
performance.mark("page-ready");
