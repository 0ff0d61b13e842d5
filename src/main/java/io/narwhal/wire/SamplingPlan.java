package io.narwhal.wire;

import io.narwhal.record.Field;

/**
 * Chooses what tells the sampling rate of a template's records: the record itself; else what was
 * announced for its sampler; else for its interface; else for all. What is configured comes last.
 */
final class SamplingPlan {
    private static final int NO_FIELD = PlanMaker.NO_FIELD;

    private final PlanMaker maker;
    private final Template template;
    private final Columns columns;
    private final long[] column;

    /** Has no rows where nobody wants to know. */
    private final long[] source;

    SamplingPlan(PlanMaker maker, Template template, Columns columns) {
        this.maker = maker;
        this.template = template;
        this.columns = columns;
        this.column = columns.low(Field.SAMPLING_RATE);
        this.source = columns.low(Field.SAMPLING_SOURCE);
    }

    void add() {
        if (!columns.wantsSampling()) {
            return;
        }
        if (maker.isReverse()) {
            maker.op(new ColumnOp.OfForward(column), NO_FIELD);
            if (source.length > 0) {
                maker.op(new ColumnOp.OfForward(source), NO_FIELD);
            }
            return;
        }
        if (!ofRecord()) {
            announced();
        } else if (source.length > 0) {
            maker.op(new ColumnOp.RateOfRecord(column, source), NO_FIELD);
        }
        maker.op(
                new ColumnOp.ConfiguredRate(column, source),
                maker.numberField(Element.INGRESS_INTERFACE));
    }

    private boolean ofRecord() {
        int direct = first(Element.SAMPLING_INTERVAL, Element.SAMPLER_RANDOM_INTERVAL);
        int size = maker.numberField(Element.SAMPLING_SIZE);
        int population = maker.numberField(Element.SAMPLING_POPULATION);
        int interval = maker.numberField(Element.SAMPLING_PACKET_INTERVAL);
        int space = maker.numberField(Element.SAMPLING_PACKET_SPACE);
        int probability = maker.numberField(Element.SAMPLING_PROBABILITY);
        if (direct >= 0) {
            maker.op(new ColumnOp.Number(column), direct);
        } else if (size >= 0 && population >= 0) {
            maker.op(new ColumnOp.Number(column), size);
            maker.op(new ColumnOp.RateOfPopulation(column), population);
        } else if (interval >= 0 && space >= 0) {
            maker.op(new ColumnOp.Number(column), interval);
            maker.op(new ColumnOp.RateOfSpace(column), space);
        } else if (probability >= 0) {
            maker.op(new ColumnOp.RateOfProbability(column), probability);
        } else {
            return false;
        }
        return true;
    }

    private void announced() {
        int sampler = first(Element.SAMPLER_ID, Element.SELECTOR_ID);
        int input = maker.numberField(Element.INGRESS_INTERFACE);
        if (template.protocol == FlowProtocol.NETFLOW_V5) {
            announced(Rates.Of.ALL, NO_FIELD);
        } else if (sampler >= 0) {
            announced(Rates.Of.SAMPLER, sampler);
        } else if (input >= 0) {
            announced(Rates.Of.INTERFACE, input);
        } else {
            announced(Rates.Of.ALL, NO_FIELD);
        }
    }

    private void announced(Rates.Of of, int field) {
        maker.op(new ColumnOp.AnnouncedRate(column, source, of), field);
    }

    private int first(int element, int other) {
        int at = maker.numberField(element);
        return at >= 0 ? at : maker.numberField(other);
    }
}
