// What every page needs.
import "./clock.js";
import "./stream.js";
import "./forms.js";
import "./sound.js";
import "./undo.js";
