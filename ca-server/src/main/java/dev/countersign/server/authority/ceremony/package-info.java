/**
 * What people bring in by hand, checked before anything of it counts: roots and issuers that were
 * made elsewhere.
 *
 * <p>Starting points: {@link dev.countersign.server.authority.ceremony.ImportedChain} is what was
 * read; {@link dev.countersign.server.authority.ceremony.ImportRules} says whether it will do;
 * {@link dev.countersign.server.authority.ceremony.TestSigning} makes a certificate under it, and
 * asks the verifier that agents run.
 *
 * <p>Everything here is pure: nothing is stored, and no key leaves its vault.
 */
@NullMarked
package dev.countersign.server.authority.ceremony;

import org.jspecify.annotations.NullMarked;
