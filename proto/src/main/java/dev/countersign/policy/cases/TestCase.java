package dev.countersign.policy.cases;

/** One case of a table: something given, and what must come of it. */
public sealed interface TestCase permits PolicyCase, PathCase, AdmissionCase {

    /** Short and unique in its table. */
    String id();

    /** What the case is about, for people. */
    String name();

    /** What is given, in one line. */
    String describe();

    /** What must come of it, in one line. */
    String expected();
}
