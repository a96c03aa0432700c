/* Draws the report of one study from the data in the page; loads nothing, keeps nothing. */
(() => {
  'use strict';

  const data = JSON.parse(document.getElementById('study').textContent);
  const main = document.querySelector('main');
  const { goals, parameters, trials } = data;
  const count = trials.number.length;
  const front = new Set(data.front);
  const complete = range(count).filter(i => trials.state[i] === 'COMPLETE');
  const redraws = []; // one per chart drawn; called again when the theme changes
  const STATES = ['COMPLETE', 'PRUNED', 'FAILED', 'STALE', 'RUNNING', 'WAITING'];
  const MOST_LINES = 2000;
  const MOST_CURVES = 400;

  // ---- words and numbers

  function range(n) { return Array.from({ length: n }, (_, i) => i); }

  function figure(x) {
    if (x === null || x === undefined || Number.isNaN(x)) return '–';
    if (typeof x !== 'number') return String(x);
    if (Number.isInteger(x) && Math.abs(x) < 1e15) return x.toLocaleString('en-US');
    const size = Math.abs(x);
    return size >= 1e-3 && size < 1e6 ? String(+x.toPrecision(4)) : x.toExponential(2).replace(/\.?0+e/, 'e');
  }

  function text(x) {
    return String(x).replace(/[&<>"']/g, c => '&#' + c.charCodeAt(0) + ';');
  }

  /** Leaves out the middle of a long text: names of models and files often differ at the end. */
  function cut(x, length) {
    const s = String(x);
    const end = Math.floor(length / 2);
    return s.length <= length ? s : s.slice(0, length - 1 - end) + '…' + s.slice(-end);
  }

  function wrapped(x, length) {
    const s = cut(x, 160);
    return s.match(new RegExp('.{1,' + length + '}(\\s|$)|\\S+', 'gs')).map(text).join('<br>');
  }

  function color(name) {
    return getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim();
  }

  const betterOf = g => (goals[g].direction === 'MAXIMIZE' ? Math.max : Math.min);
  const score = (i, g) => trials.scores[g][i];

  // ---- the page

  function element(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes)) {
      if (key.startsWith('on')) made.addEventListener(key.slice(2), value);
      else made.setAttribute(key, value);
    }
    made.append(...children);
    return made;
  }

  function section(title, note, size, ...tools) {
    const head = element('div', { class: 'head' }, element('h2', {}, title));
    if (tools.length) head.append(element('div', { class: 'tools' }, ...tools));
    const made = element('section', { class: size, 'aria-label': title }, head);
    if (note) made.append(element('p', { class: 'note' }, note));
    main.append(made);
    return made;
  }

  function choice(label, options, chosen, change) {
    const select = element('select', { onchange: () => change(+select.value) },
      ...options.map(([value, name]) => element('option', { value }, cut(name, 40))));
    select.value = chosen;
    return element('label', {}, label, select);
  }

  /** A chart that draws itself when it comes into view, and again when the theme changes. */
  function chart(parent, option, kind = '') {
    const box = element('div', { class: 'chart ' + kind });
    parent.append(box);
    let drawn = null;
    const draw = () => {
      drawn = drawn || echarts.init(box, null, { renderer: 'canvas' });
      drawn.setOption(Object.assign(base(), option()), true);
    };
    new ResizeObserver(() => drawn && drawn.resize()).observe(box);
    const seen = new IntersectionObserver(entries => {
      if (entries.some(entry => entry.isIntersecting)) { seen.disconnect(); draw(); redraws.push(draw); }
    }, { rootMargin: '600px' });
    seen.observe(box);
    return () => drawn && draw();
  }

  function base() {
    return {
      animation: false,
      textStyle: { color: color('soft'), fontFamily: 'system-ui, -apple-system, "Segoe UI", sans-serif', fontSize: 12 },
      grid: { left: 12, right: 20, top: 26, bottom: 30, containLabel: true },
      tooltip: {
        trigger: 'item', confine: true, backgroundColor: color('card'), borderColor: color('line'),
        textStyle: { color: color('ink'), fontSize: 12 }, extraCssText: 'max-width:30rem;white-space:normal',
      },
    };
  }

  function axis(name, more = {}) {
    return Object.assign({
      type: 'value', scale: true, name, nameLocation: 'middle', nameGap: 30, nameTextStyle: { color: color('soft') },
      axisLine: { onZero: false, lineStyle: { color: color('line') } }, axisTick: { show: false },
      axisLabel: { color: color('soft'), formatter: figure, hideOverlap: true },
      splitLine: { lineStyle: { color: color('grid') } },
    }, more);
  }

  function yAxis(name, more = {}) {
    return axis(name, Object.assign({ nameLocation: 'end', nameGap: 8,
      nameTextStyle: { color: color('soft'), align: 'left', padding: [0, 0, 0, -30] } }, more));
  }

  function legend() {
    return { top: 0, right: 0, itemWidth: 10, itemHeight: 10, icon: 'circle', textStyle: { color: color('soft') } };
  }

  // ---- trials and parameters

  function describe(i, ...more) {
    const lines = ['<b>trial ' + trials.number[i] + '</b> ' + trials.state[i].toLowerCase()];
    if (trials.state[i] === 'COMPLETE') goals.forEach((goal, g) => lines.push(text(goal.name) + ' <b>' + figure(score(i, g)) + '</b>'));
    if (trials.failure[i]) lines.push(wrapped(trials.failure[i], 60));
    parameters.forEach((p, d) => {
      const value = trials.values[d][i];
      if (value !== null) lines.push(text(p.name) + ' ' + text(cut(shown(p, value), 60)));
    });
    return lines.concat(more).join('<br>');
  }

  function shown(p, value) {
    if (value === null) return '–';
    return p.options ? p.options[value] : typeof value === 'number' ? figure(value) : value;
  }

  /** Where a value lies on a linear axis: options by index, numbers on a log scale by their logarithm. */
  function place(p, value) { return value === null ? null : p.log ? Math.log10(value) : value; }

  function placeAxis(p, make, more = {}) {
    if (p.options) {
      return make(p.name, Object.assign({
        min: -0.5, max: p.options.length - 0.5, interval: 1, splitLine: { show: false },
        axisLabel: {
          color: color('soft'), hideOverlap: true, customValues: range(p.options.length),
          formatter: v => cut(p.options[Math.round(v)] ?? '', 16),
        },
      }, more));
    }
    if (p.log) return make(p.name, Object.assign({ axisLabel: { color: color('soft'), hideOverlap: true, formatter: v => figure(v < 1 ? +(10 ** v).toPrecision(3) : Math.round(10 ** v)) } }, more));
    return make(p.name, more);
  }

  const varying = range(parameters.length).filter(d => new Set(trials.values[d].filter(v => v !== null)).size > 1);
  const byImportance = g => {
    const shares = data.importance[g];
    return varying.slice().sort((a, b) => (shares ? shares[b] - shares[a] : 0) || a - b);
  };

  /** The range of shades: the worst 5 % share one, so that a single outlier does not make all others equal. */
  function shades(g) {
    const sorted = complete.map(i => score(i, g)).sort((a, b) => a - b);
    const low = sorted[0], high = sorted[sorted.length - 1];
    const q = share => sorted[Math.floor(share * (sorted.length - 1))];
    const maximize = goals[g].direction === 'MAXIMIZE';
    return maximize ? [q(0.05), high] : [low, q(0.95)];
  }

  function scoreMap(g, dimension, more = {}) {
    const [low, high] = shades(g);
    const ramp = [color('low'), color('middle'), color('high')];
    return Object.assign({
      min: low, max: high === low ? low + 1e-9 : high, dimension, calculable: false, right: 0, top: 'middle', itemWidth: 10, itemHeight: 120,
      text: [figure(high), figure(low)], textStyle: { color: color('soft') },
      inRange: { color: goals[g].direction === 'MAXIMIZE' ? ramp : ramp.reverse() },
    }, more);
  }

  // ---- sections

  function history() {
    let g = 0;
    const tools = goals.length > 1 ? [choice('goal', goals.map((goal, k) => [k, goal.name]), 0, k => { g = k; redraw(); })] : [];
    const box = section('Scores', 'Each dot is a trial; the line is the best score so far.', data.hasImportance ? 'wide' : '', ...tools);
    const redraw = chart(box, () => {
      const point = i => [trials.number[i], score(i, g), i];
      const steps = [];
      let best = null;
      complete.forEach(i => {
        const next = best === null ? score(i, g) : betterOf(g)(best, score(i, g));
        if (next !== best) { steps.push([trials.number[i], next]); best = next; }
      });
      if (best !== null) steps.push([trials.number[count - 1], best]);
      const low = Math.min(...complete.map(i => score(i, g)));
      const others = ['PRUNED', 'FAILED', 'STALE'].map(state => ({
        type: 'scatter', name: state.toLowerCase(), symbol: state === 'PRUNED' ? 'triangle' : 'diamond', symbolSize: 8, itemStyle: { color: color(state.toLowerCase()) },
        data: range(count).filter(i => trials.state[i] === state).map(i => [trials.number[i], low, i]),
      })).filter(series => series.data.length);
      return {
        legend: legend(),
        tooltip: Object.assign(base().tooltip, { formatter: p => (p.seriesType === 'line' ? '' : describe(p.value[2])) }),
        xAxis: axis('trial', { min: 0, max: Math.max(1, count - 1), minInterval: 1 }),
        yAxis: yAxis(goals[g].name),
        series: [
          { type: 'scatter', name: 'complete', symbolSize: count > 2000 ? 3 : 7, itemStyle: { color: color('complete'), opacity: count > 2000 ? 0.5 : 0.85 },
            data: complete.filter(i => !front.has(trials.number[i])).map(point) },
          { type: 'scatter', name: goals.length > 1 ? 'Pareto front' : 'best', symbolSize: 11, itemStyle: { color: color('best') }, z: 4,
            data: complete.filter(i => front.has(trials.number[i])).slice(0, 200).map(point) },
          { type: 'line', name: 'best so far', step: 'end', symbol: 'none', data: steps, lineStyle: { color: color('accent'), width: 2.5 },
            itemStyle: { color: color('accent') }, z: 1, silent: true },
          ...others,
        ],
      };
    });
  }

  function importance() {
    if (!data.hasImportance) return;
    let g = 0;
    const tools = goals.length > 1 ? [choice('goal', goals.map((goal, k) => [k, goal.name]), 0, k => { g = k; redraw(); })] : [];
    const box = section('Importance', 'How much of the variation in score each parameter explains by itself (fANOVA).', 'narrow', ...tools);
    const redraw = chart(box, () => {
      const order = byImportance(g).filter(d => data.importance[g][d] !== null).slice(0, 15).reverse();
      return {
        grid: { left: 4, right: 48, top: 8, bottom: 4, containLabel: true },
        tooltip: Object.assign(base().tooltip, { formatter: p => text(p.name) + ' <b>' + (100 * p.value).toFixed(1) + ' %</b>' }),
        xAxis: axis('', { show: false, min: 0, scale: false }),
        yAxis: { type: 'category', data: order.map(d => parameters[d].name), axisTick: { show: false }, axisLine: { show: false },
          axisLabel: { color: color('ink'), formatter: v => cut(v, 18) } },
        series: [{ type: 'bar', barMaxWidth: 22, itemStyle: { color: color('accent'), borderRadius: [0, 3, 3, 0] },
          label: { show: true, position: 'right', color: color('soft'), formatter: p => (100 * p.value).toFixed(p.value < 0.1 ? 1 : 0) + ' %' },
          data: order.map(d => data.importance[g][d]) }],
      };
    });
  }

  function pareto() {
    if (goals.length < 2 || !complete.length) return;
    let a = 0, b = 1;
    const options = goals.map((goal, k) => [k, goal.name]);
    const tools = goals.length > 2
      ? [choice('across', options, a, k => { a = k; redraw(); }), choice('up', options, b, k => { b = k; redraw(); })] : [];
    const box = section('Compromises', 'No trial beats one of the Pareto front at every goal.', '', ...tools);
    const redraw = chart(box, () => {
      const best = complete.filter(i => front.has(trials.number[i])).sort((i, j) => score(i, a) - score(j, a));
      return {
        legend: legend(),
        tooltip: Object.assign(base().tooltip, { formatter: p => describe(p.value[2]) }),
        xAxis: axis(goals[a].name), yAxis: yAxis(goals[b].name),
        series: [
          { type: 'scatter', name: 'dominated', symbolSize: 7, itemStyle: { color: color('complete'), opacity: 0.6 },
            data: complete.filter(i => !front.has(trials.number[i])).map(i => [score(i, a), score(i, b), i]) },
          { type: 'line', name: 'Pareto front', symbol: 'circle', symbolSize: 9, lineStyle: { color: color('best'), width: 1.5, type: goals.length > 2 ? [0, 1] : 'dashed', opacity: goals.length > 2 ? 0 : 1 },
            itemStyle: { color: color('best') }, data: best.map(i => [score(i, a), score(i, b), i]) },
        ],
      };
    }, 'tall');
  }

  function parallel() {
    if (varying.length < 2 || complete.length < 2) return;
    let g = 0;
    const tools = goals.length > 1 ? [choice('goal', goals.map((goal, k) => [k, goal.name]), 0, k => { g = k; redraw(); })] : [];
    const shown = complete.length > MOST_LINES ? 'The best ' + MOST_LINES.toLocaleString('en-US') + ' of ' + complete.length.toLocaleString('en-US') + ' complete trials. ' : '';
    const box = section('Parallel coordinates', shown + 'Drag along an axis to select a range. Inactive parameters leave a gap.', '', ...tools);
    const redraw = chart(box, () => {
      const order = byImportance(g).slice(0, 14).reverse();
      const sign = goals[g].direction === 'MAXIMIZE' ? -1 : 1;
      const chosen = complete.slice().sort((i, j) => sign * (score(i, g) - score(j, g))).slice(0, MOST_LINES).reverse();
      const label = { color: color('ink'), textBorderColor: color('card'), textBorderWidth: 3, formatter: v => cut(typeof v === 'number' ? figure(v) : v, 14) };
      const common = { nameTextStyle: { color: color('ink'), fontSize: 12 }, axisLine: { lineStyle: { color: color('faint') } }, axisLabel: label,
        z: 5, areaSelectStyle: { color: color('accent'), borderColor: color('accent'), opacity: 0.25, width: 16 }, nameGap: 14 };
      const axes = order.map((d, k) => {
        const p = parameters[d];
        return p.options
          ? Object.assign({ dim: k, name: cut(p.name, 18), type: 'category', data: p.options.map(o => cut(o, 40)) }, common)
          : Object.assign({ dim: k, name: cut(p.name, 18), type: p.log ? 'log' : 'value', min: p.min, max: p.max }, common);
      });
      axes.push(Object.assign({ dim: order.length, name: cut(goals[g].name, 18), type: 'value', scale: true }, common));
      return {
        parallel: { left: 50, right: 110, top: 40, bottom: 24, parallelAxisDefault: {} },
        parallelAxis: axes,
        visualMap: scoreMap(g, order.length),
        tooltip: Object.assign(base().tooltip, { formatter: p => describe(p.value[order.length + 1]) }),
        series: [{ type: 'parallel', smooth: 0.05, lineStyle: { width: chosen.length > 300 ? 0.8 : 1.6, opacity: chosen.length > 1000 ? 0.12 : chosen.length > 300 ? 0.25 : 0.6 },
          emphasis: { lineStyle: { width: 3, opacity: 1 } }, progressive: 200,
          data: chosen.map(i => [...order.map(d => trials.values[d][i] ?? '-'), score(i, g), i]) }],
      };
    }, 'tall');
  }

  function slices() {
    if (!varying.length || !complete.length) return;
    let g = 0;
    const tools = goals.length > 1 ? [choice('goal', goals.map((goal, k) => [k, goal.name]), 0, k => { g = k; charts.forEach(redraw => redraw()); })] : [];
    const box = section('Slices', 'Score by the value of one parameter; later trials stand out more. Options are spread a little.', '', ...tools);
    const grid = element('div', { class: 'slices' });
    box.append(grid);
    const charts = byImportance(0).slice(0, 12).map(d => chart(grid, () => {
      const p = parameters[d];
      const spread = i => (p.options ? ((trials.number[i] * 0.618034) % 1 - 0.5) * 0.5 : 0);
      return {
        grid: { left: 8, right: 12, top: 26, bottom: 26, containLabel: true },
        tooltip: Object.assign(base().tooltip, { formatter: q => describe(q.value[3]) }),
        xAxis: placeAxis(p, axis, { nameGap: 26 }),
        yAxis: yAxis(goals[g].name, { splitNumber: 3 }),
        visualMap: { show: false, dimension: 2, min: 0, max: Math.max(1, count - 1), inRange: { color: [color('low'), color('middle'), color('high')] } },
        series: [{ type: 'scatter', symbolSize: count > 2000 ? 3 : 6, itemStyle: { opacity: 0.85 },
          data: complete.filter(i => trials.values[d][i] !== null)
            .map(i => [place(p, trials.values[d][i]) + spread(i), score(i, g), trials.number[i], i]) }],
      };
    }));
  }

  /** Scores between trials by inverse distances on the unit square, as a picture of the landscape. */
  function contour() {
    if (varying.length < 2 || complete.length < 5) return;
    let g = 0;
    const numbers = byImportance(0).filter(d => !parameters[d].options);
    let [a, b] = numbers.length > 1 ? numbers : byImportance(0);
    const options = varying.map(d => [d, parameters[d].name]);
    const tools = [choice('across', options, a, d => { a = d; redraw(); }), choice('up', options, b, d => { b = d; redraw(); })];
    if (goals.length > 1) tools.unshift(choice('goal', goals.map((goal, k) => [k, goal.name]), 0, k => { g = k; redraw(); }));
    const box = section('Contour', 'Scores interpolated between trials, over two parameters.', '', ...tools);
    const redraw = chart(box, () => {
      const [p, q] = [parameters[a], parameters[b]];
      const points = complete.filter(i => trials.values[a][i] !== null && trials.values[b][i] !== null)
        .map(i => [place(p, trials.values[a][i]), place(q, trials.values[b][i]), score(i, g), i]);
      const [x, y] = [extent(p, points, 0), extent(q, points, 1)];
      const sample = points.length > 1500 ? points.filter((_, k) => k % Math.ceil(points.length / 1500) === 0) : points;
      return {
        grid: { left: 12, right: 90, top: 28, bottom: 28, containLabel: true },
        tooltip: Object.assign(base().tooltip, { formatter: r => (r.seriesType === 'scatter' ? describe(r.value[3]) : '≈ ' + figure(r.value[2])) }),
        xAxis: placeAxis(p, axis, { min: x.min, max: x.max, splitLine: { show: false }, z: 3 }),
        yAxis: placeAxis(q, yAxis, { min: y.min, max: y.max, splitLine: { show: false }, z: 3 }),
        visualMap: scoreMap(g, 2, { seriesIndex: 0 }),
        series: [
          { type: 'custom', data: landscape(sample, x, y), encode: { x: 0, y: 1 }, clip: true,
            renderItem: (_, api) => {
              const size = api.size([x.step, y.step]);
              const [left, top] = api.coord([api.value(0), api.value(1)]);
              return { type: 'rect', shape: { x: left - size[0] / 2 - 0.5, y: top - size[1] / 2 - 0.5, width: size[0] + 1, height: size[1] + 1 },
                style: { fill: api.visual('color') } };
            } },
          { type: 'scatter', symbolSize: 6, itemStyle: { color: 'transparent', borderColor: color('ink'), borderWidth: 1, opacity: 0.7 }, data: points, z: 4 },
          { type: 'scatter', symbolSize: 13, symbol: 'diamond', itemStyle: { color: color('best'), borderColor: color('card'), borderWidth: 1.5 },
            data: points.filter(point => front.has(trials.number[point[3]])).slice(0, 50), z: 5 },
        ],
      };
    }, 'tall');
  }

  function extent(p, points, d) {
    if (p.options) return { min: -0.5, max: p.options.length - 0.5, step: 1, cells: p.options.length };
    const found = points.map(point => point[d]);
    const min = p.min === null ? Math.min(...found) : place(p, p.min);
    const max = p.max === null ? Math.max(...found) : place(p, p.max);
    return { min, max: max === min ? min + 1 : max, step: ((max - min) || 1) / 44, cells: 44 };
  }

  function landscape(points, x, y) {
    const cells = [];
    for (let row = 0; row < y.cells; row++) {
      for (let column = 0; column < x.cells; column++) {
        const [u, v] = [x.min + (column + 0.5) * x.step, y.min + (row + 0.5) * y.step];
        let weights = 0, sum = 0;
        for (const point of points) {
          const du = (point[0] - u) / (x.max - x.min), dv = (point[1] - v) / (y.max - y.min);
          const weight = 1 / (du * du + dv * dv + 4e-4) ** 1.5;
          weights += weight;
          sum += weight * point[2];
        }
        if (weights) cells.push([u, v, sum / weights]);
      }
    }
    return cells;
  }

  function intermediate() {
    const reporting = range(count).filter(i => trials.reports[i].length);
    if (!reporting.length) return;
    const chosen = reporting.length > MOST_CURVES ? reporting.slice(-MOST_CURVES) : reporting;
    const note = 'What trials reported on their way' + (chosen.length < reporting.length ? '; the last ' + MOST_CURVES + '.' : '.');
    const box = section('Intermediate values', note, 'half');
    chart(box, () => ({
      legend: legend(),
      tooltip: Object.assign(base().tooltip, { formatter: p => describe(p.value[2], 'step ' + p.value[0] + ' <b>' + figure(p.value[1]) + '</b>') }),
      xAxis: axis('step', { minInterval: 1, scale: true }), yAxis: yAxis('value'),
      series: chosen.map(i => ({
        type: 'line', name: front.has(trials.number[i]) ? 'best' : trials.state[i].toLowerCase(), symbolSize: 4, showSymbol: trials.reports[i].length < 3 || chosen.length < 60,
        lineStyle: { width: front.has(trials.number[i]) ? 2.5 : 1, opacity: front.has(trials.number[i]) ? 1 : 0.45 },
        color: front.has(trials.number[i]) ? color('best') : color(STATES.indexOf(trials.state[i]) < 4 ? trials.state[i].toLowerCase() : 'open'),
        z: front.has(trials.number[i]) ? 3 : 2,
        data: trials.reports[i].map(([step, value]) => [step, value, i]),
      })),
    }));
  }

  function timeline() {
    const ended = range(count).filter(i => trials.start[i] !== null && trials.end[i] !== null).sort((i, j) => trials.start[i] - trials.start[j]);
    if (ended.length < 2) return;
    const lanes = [];
    const bars = ended.map(i => {
      let lane = lanes.findIndex(end => end <= trials.start[i]);
      if (lane < 0) lane = lanes.length;
      lanes[lane] = trials.end[i];
      return [trials.start[i], trials.end[i], lane, i];
    });
    const from = bars[0][0];
    const unit = Math.max(...bars.map(bar => bar[1])) - from > 5e3 ? 1e3 : 1;
    const box = section('Timeline', 'When each trial ran; side by side what ran at the same time.', intermediateShown ? 'half' : '');
    chart(box, () => ({
      tooltip: Object.assign(base().tooltip, { formatter: p => describe(p.value[3], 'took ' + figure((p.value[1] - p.value[0]) * unit / 1000) + ' s') }),
      grid: { left: 12, right: 20, top: 16, bottom: 30, containLabel: true },
      xAxis: axis(unit === 1 ? 'milliseconds' : 'seconds', { min: 0, scale: true, axisLabel: { color: color('soft'), formatter: figure, hideOverlap: true } }),
      yAxis: { type: 'value', inverse: true, min: -0.5, max: lanes.length - 0.5, interval: 1, show: false },
      series: [{ type: 'custom', encode: { x: [0, 1], y: 2 }, clip: true,
        data: bars.map(([start, end, lane, i]) => ({
          value: [(start - from) / unit, (end - from) / unit, lane, i],
          itemStyle: { color: color(front.has(trials.number[i]) ? 'best' : trials.state[i].toLowerCase()) },
        })),
        renderItem: (_, api) => {
          const [left, middle] = api.coord([api.value(0), api.value(2)]);
          const right = api.coord([api.value(1), api.value(2)])[0];
          const height = Math.min(api.size([0, 1])[1] * 0.8, 42);
          return { type: 'rect', shape: { x: left, y: middle - height / 2, width: Math.max(right - left - 0.5, 1), height, r: 1 },
            style: { fill: api.visual('color'), opacity: 0.9 } };
        } }],
    }), intermediateShown ? '' : lanes.length > 8 ? 'tall' : lanes.length < 3 ? 'short' : '');
  }

  // ---- the table of trials

  function table() {
    const PAGE = 100;
    const columns = [
      { name: 'trial', number: true, value: i => trials.number[i] },
      { name: 'state', value: i => trials.state[i].toLowerCase(), cell: i => element('span', { class: 'state ' + trials.state[i] }, trials.state[i].toLowerCase()) },
      ...goals.map((goal, g) => ({ name: goal.name, number: true, value: i => score(i, g) })),
      { name: 'seconds', number: true, value: i => (trials.end[i] === null ? null : (trials.end[i] - trials.start[i]) / 1000) },
      ...(trials.tokens.some(Boolean) ? [{ name: 'tokens', number: true, value: i => trials.tokens[i] }] : []),
      ...(trials.money.some(Boolean) ? [{ name: 'money', number: true, value: i => trials.money[i] }] : []),
      ...parameters.map((p, d) => ({ name: p.name, number: !p.options, value: i => { const v = trials.values[d][i]; return v === null ? null : p.options ? p.options[v] : v; } })),
      { name: 'note', long: true, value: i => [trials.failure[i], trials.note[i]].filter(Boolean).join(' · ') },
    ];
    let page = 0, wanted = '', state = '', sorted = 0, up = true;
    const filter = element('input', { type: 'search', placeholder: 'filter, such as temperature < 0.5', size: 34, 'aria-label': 'filter trials',
      oninput: () => { wanted = filter.value.trim().toLowerCase(); page = 0; show(); } });
    const states = element('select', { 'aria-label': 'state', onchange: () => { state = states.value; page = 0; show(); } }, element('option', { value: '' }, 'all states'),
      ...STATES.filter(s => trials.state.includes(s)).map(s => element('option', { value: s }, s.toLowerCase())));
    const before = element('button', { type: 'button', onclick: () => { page--; show(); } }, '‹');
    const after = element('button', { type: 'button', onclick: () => { page++; show(); } }, '›');
    const where = element('span', { role: 'status' });
    const box = section('Trials', '', '', filter, states, before, where, after);
    box.id = 'trials';
    const body = element('tbody');
    const heads = columns.map((column, c) => element('button', { type: 'button', onclick: () => { up = sorted === c ? !up : true; sorted = c; show(); } }, column.name));
    box.append(element('div', { class: 'scroll' }, element('table', {},
      element('thead', {}, element('tr', {}, ...columns.map((column, c) => element('th', column.number ? { class: 'number' } : {}, heads[c])))), body)));

    /** "name < number" and its like compare a column; anything else is looked for in the row's text. */
    function test() {
      const rule = wanted.match(/^(.+?)\s*(<=|>=|!=|=|<|>)\s*(.+)$/);
      const column = rule && columns.find(c => c.name.toLowerCase() === rule[1].trim());
      if (!column) return i => !wanted || columns.some(c => String(c.value(i) ?? '').toLowerCase().includes(wanted));
      const right = Number(rule[3]);
      return i => {
        const value = column.value(i);
        if (value === null) return false;
        const order = typeof value === 'number' ? value - right : String(value).toLowerCase() === rule[3].trim() ? 0 : NaN;
        return { '<': order < 0, '>': order > 0, '<=': order <= 0, '>=': order >= 0, '=': order === 0, '!=': order !== 0 }[rule[2]];
      };
    }

    function show() {
      const keeps = test();
      const rows = range(count).filter(i => (!state || trials.state[i] === state) && keeps(i));
      const value = columns[sorted].value;
      rows.sort((i, j) => {
        const [x, y] = [value(i), value(j)];
        if (x === null || y === null) return (x === null) - (y === null);
        return (x < y ? -1 : x > y ? 1 : i - j) * (up ? 1 : -1);
      });
      const pages = Math.max(1, Math.ceil(rows.length / PAGE));
      page = Math.max(0, Math.min(page, pages - 1));
      body.replaceChildren(...rows.slice(page * PAGE, (page + 1) * PAGE).map(row));
      where.textContent = rows.length.toLocaleString('en-US') + (rows.length === 1 ? ' trial' : ' trials') + (pages > 1 ? ', page ' + (page + 1) + ' of ' + pages : '');
      before.hidden = after.hidden = pages === 1;
      before.disabled = page === 0;
      after.disabled = page === pages - 1;
      heads.forEach((head, c) => { head.dataset.order = c === sorted ? (up ? 'up' : 'down') : ''; });
    }

    function row(i) {
      return element('tr', front.has(trials.number[i]) ? { class: 'best' } : {}, ...columns.map(column => {
        const value = column.value(i);
        const content = column.cell ? column.cell(i) : column.number ? figure(value) : cut(value ?? '–', column.long ? 400 : 60);
        return element('td', { class: column.number ? 'number' : column.long ? 'long' : '', title: typeof value === 'string' && value.length > 60 ? value : '' }, content);
      }));
    }

    show();
  }

  const intermediateShown = trials.reports.some(reports => reports.length);
  if (complete.length) history();
  importance();
  pareto();
  parallel();
  slices();
  contour();
  intermediate();
  timeline();
  if (count) table();
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => redraws.forEach(draw => draw()));
})();
