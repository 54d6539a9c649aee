// Stands in for modules of Node that a library names, and does not use in a browser.

export {};
