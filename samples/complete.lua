-- Completes lines in Neovim as one types: what a model that `unroll serve` serves would write next stands grey behind the cursor,
-- and Tab takes it. In init.lua:
--   dofile('/path/to/samples/complete.lua')
-- Needs Neovim 0.7 or newer, and curl. UNROLL is the server's address, UNROLL_API_KEY its key where it has one.
local address = vim.env.UNROLL or 'http://127.0.0.1:7310'
local wait, length, lines_before = 80, 80, 20 -- milliseconds of quiet before it asks; the most characters; what the model reads

local space = vim.api.nvim_create_namespace('unroll')
local timer = vim.loop.new_timer()
local job, shown

-- Forgets what is shown, and what is asked: curl's end closes the connection, and the server writes no further.
local function clear()
  timer:stop()
  if job then vim.fn.jobstop(job) end
  job, shown = nil, nil
  vim.api.nvim_buf_clear_namespace(0, space, 0, -1)
end

local function show(text)
  local row, column = unpack(vim.api.nvim_win_get_cursor(0))
  if text == '' or vim.fn.mode() ~= 'i' then return end
  shown = text
  vim.api.nvim_buf_set_extmark(0, space, row - 1, column, { virt_text = { { text, 'Comment' } }, virt_text_pos = 'overlay' })
end

local function ask()
  local row, column = unpack(vim.api.nvim_win_get_cursor(0))
  local lines = vim.api.nvim_buf_get_lines(0, math.max(0, row - lines_before), row, false)
  if column < #lines[#lines] then return end -- only at the end of a line
  local command = { 'curl', '-s', '--max-time', '5', '-H', 'Content-Type: application/json', '-d', '@-', address .. '/v1/completions' }
  if vim.env.UNROLL_API_KEY then vim.list_extend(command, { '-H', 'Authorization: Bearer ' .. vim.env.UNROLL_API_KEY }) end
  local mine
  mine = vim.fn.jobstart(command, {
    stdout_buffered = true,
    on_stdout = function(_, answer)
      local read, body = pcall(vim.fn.json_decode, table.concat(answer, '\n'))
      if mine == job and read and type(body) == 'table' and body.choices then show(body.choices[1].text) end
    end,
  })
  job = mine
  vim.fn.chansend(job, vim.fn.json_encode({ prompt = table.concat(lines, '\n'), max_tokens = length, temperature = 0, stop = '\n' }))
  vim.fn.chanclose(job, 'stdin')
end

local group = vim.api.nvim_create_augroup('unroll', {})
vim.api.nvim_create_autocmd({ 'TextChangedI', 'CursorMovedI', 'InsertEnter' }, {
  group = group,
  callback = function()
    clear()
    timer:start(wait, 0, vim.schedule_wrap(function()
      if vim.fn.mode() == 'i' then ask() end
    end))
  end,
})
vim.api.nvim_create_autocmd({ 'InsertLeave', 'BufLeave' }, { group = group, callback = clear })

vim.keymap.set('i', '<Tab>', function()
  if not shown then return '<Tab>' end
  local text = shown
  vim.schedule(function()
    clear()
    vim.api.nvim_put({ text }, 'c', false, true)
  end)
  return ''
end, { expr = true })
