package dev.countersign.policy.analysis;

import dev.countersign.policy.MeshSettings;
import dev.countersign.policy.analysis.region.Box;
import dev.countersign.policy.analysis.region.Dimension;
import dev.countersign.policy.analysis.region.Dimension.Plain;
import dev.countersign.policy.analysis.region.Ranges;
import dev.countersign.policy.analysis.region.Region;
import dev.countersign.policy.analysis.region.Texts;
import dev.countersign.policy.analysis.region.ValueSet;
import dev.countersign.policy.analysis.text.Automata;
import dev.countersign.policy.analysis.text.Language;
import dev.countersign.policy.analysis.text.Shape;
import dev.countersign.policy.analysis.text.Shape.Span;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/** All requests: those that can be put to a decision, and those that can occur. */
public final class Space {

    private static final Shape VISIBLE = Shape.oneOf(new Span('!', '~'));
    private static final Shape SEGMENT = Shape.oneOrMore(Shape.alphanumericOr("-._"));

    private final Automata automata;
    private final Language normalPaths;
    private final Map<Plain, ValueSet> occurring = new HashMap<>();
    private final Language identities;
    private final Region onHttp;
    private final Region onTcp;

    /** The space of one mesh. */
    public Space(MeshSettings mesh, Automata automata) {
        this.automata = automata;
        this.normalPaths = NormalPaths.of(mesh.pathNormalization(), automata);
        this.identities = identities(automata);
        Language visible = automata.of(Shape.oneOrMore(VISIBLE));
        occurring.put(Plain.IDENTITY, new Texts(true, identities));
        occurring.put(Plain.METHOD, new Texts(false, automata.of(token())));
        occurring.put(Plain.HOST, new Texts(false, visible));
        occurring.put(Plain.PATH, new Texts(false, normalPaths.and(visible)));
        occurring.put(Plain.SNI, new Texts(true, visible));
        occurring.put(Plain.SOURCE_IP, Ranges.anyAddress());
        occurring.put(Plain.REMOTE_IP, Ranges.anyAddress());
        occurring.put(Plain.DESTINATION_IP, Ranges.anyAddress());
        this.onHttp = all(true);
        this.onTcp = all(false);
    }

    public Automata automata() {
        return automata;
    }

    /** Every identity that a certificate can hold: a SPIFFE ID with a path, without its scheme. */
    public Language identities() {
        return identities;
    }

    /** Every value of a dimension. */
    public ValueSet everything(Dimension dimension) {
        return dimension.everything(automata);
    }

    /** The values of a dimension that can occur. */
    public ValueSet occurring(Dimension dimension) {
        ValueSet values = dimension instanceof Plain plain ? occurring.get(plain) : null;
        return values == null ? everything(dimension) : values;
    }

    /** A region without the rest of another. */
    public Region minus(Region one, Region other) {
        return one.minus(other, this::everything);
    }

    /** Whether one region lies in another. */
    public boolean isWithin(Region one, Region other) {
        return one.isWithin(other, this::everything);
    }

    /** The requests that are refused before any policy for the form of their path. */
    Region refusedPaths() {
        return Region.of(Plain.PATH, new Texts(false, normalPaths.complement()));
    }

    /** The requests that can occur. What TCP does not have is absent there. */
    public Region occurring(boolean http) {
        return http ? onHttp : onTcp;
    }

    private Region all(boolean http) {
        Box box = Box.EVERYTHING;
        for (Plain dimension : Plain.values()) {
            boolean ofHttp =
                    dimension == Plain.METHOD || dimension == Plain.HOST || dimension == Plain.PATH;
            ValueSet values =
                    http || !ofHttp ? occurring(dimension) : new Texts(true, automata.nothing());
            box = Objects.requireNonNull(box.with(dimension, values));
        }
        return Region.of(box);
    }

    private static Language identities(Automata automata) {
        Shape trustDomain =
                Shape.oneOrMore(
                        Shape.oneOf(
                                new Span('a', 'z'),
                                new Span('0', '9'),
                                new Span('-', '.'),
                                new Span('_', '_')));
        Shape dots = Shape.choice(Shape.literal("."), Shape.literal(".."));
        Shape segments = new Shape.Repeated(Shape.sequence(Shape.literal("/"), SEGMENT));
        Language shaped =
                automata.of(Shape.sequence(trustDomain, Shape.literal("/"), SEGMENT, segments));
        Shape rest = Shape.choice(Shape.literal(""), Shape.sequence(Shape.literal("/"), Shape.ANY));
        Language dotted = automata.of(Shape.sequence(Shape.ANY, Shape.literal("/"), dots, rest));
        return shaped.minus(dotted);
    }

    /** RFC 9110 section 5.6.2. */
    private static Shape token() {
        return Shape.oneOrMore(Shape.alphanumericOr("!#$%&'*+-.^_`|~"));
    }
}
