/** Tests of what agents are told and tell, through a whole server. */
@NullMarked
package dev.countersign.server.distribution;

import org.jspecify.annotations.NullMarked;
