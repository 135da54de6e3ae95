// What a page cannot do from the server: hear where the pointer is, and draw charts (with ECharts, loaded when there is one to draw).

/** Tells which token of a text the pointer is on, once a frame at most. */
export function watchTokens(element, page) {
    let last = -1, waiting = false;
    const tell = () => {
        waiting = false;
        page.invokeMethodAsync('Pointed', last).catch(() => { });
    };
    const heed = event => {
        const token = event.target.closest('[data-token]');
        if (!token)
            return;
        const now = Number(token.dataset.token);
        if (now === last && event.type !== 'click')
            return;
        last = now;
        if (!waiting) {
            waiting = true;
            setTimeout(tell, 60);
        }
    };
    element.addEventListener('mouseover', heed);
    element.addEventListener('click', heed);
}

/** The stretch of a text that is selected: its first token and the one after its last; null = none. */
export function selectedTokens(element) {
    const selection = getSelection();
    if (!selection || selection.isCollapsed || !element.contains(selection.anchorNode) || !element.contains(selection.focusNode))
        return null;
    const place = node => {
        const token = (node.nodeType === 1 ? node : node.parentElement).closest('[data-token]');
        return token ? Number(token.dataset.token) : null;
    };
    const [a, b] = [place(selection.anchorNode), place(selection.focusNode)];
    return a === null || b === null ? null : [Math.min(a, b), Math.max(a, b) + 1];
}

let charts; // the library, once it is asked for

function library() {
    charts ??= new Promise((resolve, reject) => {
        const script = document.createElement('script');
        script.src = '/assets/echarts.min.js';
        script.onload = () => resolve(window.echarts);
        script.onerror = reject;
        document.head.append(script);
    });
    return charts;
}

function isDark() {
    const chosen = document.documentElement.dataset.theme;
    return chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
}

/** Draws a chart, or draws it anew with what has changed. */
export async function draw(element, options) {
    const echarts = await library();
    if (!element.isConnected)
        return;
    let chart = echarts.getInstanceByDom(element);
    if (!chart) {
        chart = echarts.init(element, isDark() ? 'dark' : null, { renderer: 'canvas' });
        new ResizeObserver(() => chart.isDisposed() || chart.resize()).observe(element);
    }
    if (options.visualMap && isDark())
        options.visualMap.inRange.color = ['#ff9a8b', '#8f5a51', '#1c2326', '#39726f', '#5fc4bd']; // nothing is as the ground is
    chart.setOption(options, { notMerge: false, replaceMerge: ['series'] });
    element.dataset.drawn = 'yes';
}
