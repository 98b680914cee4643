/** Tests of issuing, through a whole server: what a caller gets, and what the log says of it. */
@NullMarked
package dev.countersign.server.issuance;

import org.jspecify.annotations.NullMarked;
