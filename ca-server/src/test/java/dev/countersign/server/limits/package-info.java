@NullMarked
package dev.countersign.server.limits;

import org.jspecify.annotations.NullMarked;
