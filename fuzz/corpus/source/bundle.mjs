import * as a from "drizzle-orm/pg-core";
import { b as c, d } from "drizzle-orm/pg-core";
import "./users";
var x = "import";
export { x as default };
