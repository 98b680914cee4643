/** The store's contract, on every database it supports, and what happens when things break. */
@NullMarked
package dev.countersign.server.store;

import org.jspecify.annotations.NullMarked;
