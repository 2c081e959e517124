// What every page needs.
import "./clock.js";
import "./stream.js";
import "./forms.js";
import "./kept-forms.js";
import "./when.js";
import "./sound.js";
import "./undo.js";

// On a phone the school's pages are one line that goes on to the side.
const here = document.querySelector(".school-nav [aria-current]");
if (here) here.parentElement.scrollLeft = here.offsetLeft - here.parentElement.clientWidth / 3;
