'use strict';

// n8n finds nodes and credentials through the "n8n" block of package.json. Nothing is exported here.
module.exports = {};
