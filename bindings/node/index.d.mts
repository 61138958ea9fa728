export * from "./index.js";
import * as eve from "./index.js";
export default eve;
